import { Check, ChevronRight } from "lucide-react";
import { Button, Collection, Tree as AriaTree, TreeItem, TreeItemContent, type Key, type TreeProps as AriaTreeProps } from "react-aria-components";
import css from "./Tree.module.css";

export interface TreeNode {
  id: string;
  label: string;
  note?: string | undefined;
  isDisabled?: boolean | undefined;
  children: readonly TreeNode[];
}

export interface TreeProps extends Omit<AriaTreeProps<TreeNode>, "children" | "className" | "style" | "items" | "selectedKeys" | "onSelectionChange" | "aria-label"> {
  label: string;
  nodes: readonly TreeNode[];
  value: string | null;
  onChange: (id: string) => void;
}

function node(item: TreeNode) {
  return (
    <TreeItem id={item.id} textValue={item.label} isDisabled={item.isDisabled ?? false} className={css.item ?? ""}>
      <TreeItemContent>
        {({ hasChildItems, isExpanded, level, isSelected }) => (
          <span className={css.row} data-level={level}>
            {hasChildItems ? <Button slot="chevron" className={css.chevron ?? ""} data-open={isExpanded || undefined}><ChevronRight aria-hidden /></Button> : <span className={css.gap} />}
            <span className="truncate">{item.label}</span>
            {item.note !== undefined && <span className={css.note}>{item.note}</span>}
            {isSelected && <Check className={css.check} aria-hidden />}
          </span>
        )}
      </TreeItemContent>
      <Collection items={item.children}>{node}</Collection>
    </TreeItem>
  );
}

/** A tree of choices, at most three levels; one leaf may be chosen. */
export function Tree({ label, nodes, value, onChange, ...rest }: TreeProps) {
  const pick = (keys: "all" | Set<Key>) => {
    if (keys === "all") return;
    const [first] = keys;
    if (first !== undefined) onChange(String(first));
  };
  return (
    <AriaTree<TreeNode> {...rest} aria-label={label} items={nodes} selectionMode="single" disallowEmptySelection={value !== null} selectedKeys={value === null ? [] : [value]} onSelectionChange={pick} className={css.tree ?? ""}>
      {node}
    </AriaTree>
  );
}
