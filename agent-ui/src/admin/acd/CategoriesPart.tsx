import { ArrowDown, ArrowUp, CornerDownRight, Plus, X } from "lucide-react";
import { useRef } from "react";
import type { CategoryChoice } from "../../api/types";
import { labelOf } from "../../domain/locale";
import { m } from "../../i18n/generated/messages.js";
import { Button, IconButton } from "../../ui/Button/Button";
import { Switch } from "../../ui/Choice/Choice";
import { Empty } from "../../ui/Empty/Empty";
import { TextField } from "../../ui/Field/Field";
import { Pane } from "../../ui/Pane/Pane";
import { Loaded } from "../parts/Loaded";
import { SaveBar } from "../parts/SaveBar";
import { keyOf } from "./forms";
import { LEVELS_MAX, type TreeRow, treeRows, withChange, withMove, withNew } from "./tree";
import { useFollowed } from "./useFollowed";
import type { Whole } from "./useWhole";
import css from "./acd.module.css";

/** What a call was about: a tree that agents choose from. History names the codes, so none is ever taken away. */
export function CategoriesPart({ categories }: { categories: Whole<CategoryChoice> }) {
  const { items } = categories;
  const known = new Set((categories.query.data?.data.items ?? []).map(({ code }) => code));
  const list = useRef<HTMLOListElement>(null);
  const follow = useFollowed(list);
  const move = (item: CategoryChoice, at: number, by: 1 | -1) => {
    const next = withMove(items, item, by);
    categories.set(next);
    follow(at, treeRows(next).findIndex((row) => row.item === item));
  };
  // What the server is asked to keep stands in the order of the tree.
  const inOrder = treeRows(items).map(({ item }) => item);
  return (
    <Pane
      title={m.acd_categories()}
      note={m.acd_reasons_note()}
      head="admin"
      actions={<Button size="sm" icon={<Plus aria-hidden />} onPress={() => categories.set(withNew(items, null))}>{m.acd_category_add()}</Button>}
      foot={<SaveBar save={categories.save} faults={inOrder.filter(({ code }) => code === "").length} isDirty={categories.isDirty} onSave={() => categories.store(inOrder)} onDiscard={categories.drop} onTheirs={categories.drop} />}
    >
      <Loaded query={categories.query} title={m.acd_categories_unread()}>
        {() => (items.length === 0 ? <Empty icon={<Plus />} title={m.acd_categories_none()}>{m.acd_categories_none_text()}</Empty> : (
          <ol ref={list} className={css.reasons} aria-label={m.acd_categories()}>
            {treeRows(items).map((row, at) => (
              <li key={at} data-level={row.level} data-over={row.item.active === false || undefined} aria-label={nameOf(row.item)}>
                <Category row={row} isKnown={known.has(row.item.code)} error={(field) => categories.error(`${at}.${field}`)} set={(change) => categories.set(withChange(items, row.item, change))} />
                <Deeds row={row} isKnown={known.has(row.item.code)} onMove={(by) => move(row.item, at, by)} onBelow={() => categories.set(withNew(items, row.item.code))} onDrop={() => categories.set(items.filter((one) => one !== row.item))} />
              </li>
            ))}
          </ol>
        ))}
      </Loaded>
    </Pane>
  );
}

const nameOf = (item: CategoryChoice): string => labelOf(item.labels, item.code) || m.acd_category_unnamed();

interface CategoryProps {
  row: TreeRow;
  /** It exists: its code never changes. */
  isKnown: boolean;
  set: (change: Partial<CategoryChoice>) => void;
  error: (field: string) => string | undefined;
}

function Category({ row: { item }, isKnown, set, error }: CategoryProps) {
  const codeOf = (text: string) => keyOf(text).replaceAll("-", "_");
  const label = (language: string, text: string) => {
    const labels = { ...item.labels, [language]: text };
    const follows = !isKnown && item.code === codeOf(item.labels.en ?? "");
    set({ labels, ...(follows ? { code: codeOf(labels.en ?? "") } : {}) });
  };
  return (
    <div className={css.reasonFields}>
      <TextField label="Čeština" value={item.labels.cs ?? ""} onChange={(text) => label("cs", text)} error={error("labels.cs")} />
      <TextField label="English" value={item.labels.en ?? ""} onChange={(text) => label("en", text)} error={error("labels.en") ?? error("labels")} />
      <TextField label={m.acd_code()} mono isReadOnly={isKnown} value={item.code} onChange={(code) => set({ code })} error={item.code === "" ? m.admin_fault_missing() : error("code") ?? error("parent")} />
      <Switch isSelected={item.active !== false} onChange={(active) => set({ active })}>{m.acd_offered()}</Switch>
    </div>
  );
}

interface DeedsProps {
  row: TreeRow;
  isKnown: boolean;
  onMove: (by: 1 | -1) => void;
  onBelow: () => void;
  onDrop: () => void;
}

function Deeds({ row: { item, level, nth, count }, isKnown, onMove, onBelow, onDrop }: DeedsProps) {
  const name = nameOf(item);
  const whyNotBelow = level >= LEVELS_MAX ? m.acd_category_deepest() : item.code === "" ? m.acd_category_code_first() : null;
  return (
    <div className={css.deeds}>
      <IconButton data-move="up" kind="quiet" size="sm" icon={<ArrowUp aria-hidden />} label={m.acd_up({ name })} reason={nth === 0 ? m.acd_is_first() : null} onPress={() => onMove(-1)} />
      <IconButton data-move="down" kind="quiet" size="sm" icon={<ArrowDown aria-hidden />} label={m.acd_down({ name })} reason={nth === count - 1 ? m.acd_is_last() : null} onPress={() => onMove(1)} />
      <IconButton kind="quiet" size="sm" icon={<CornerDownRight aria-hidden />} label={m.acd_category_below({ name })} reason={whyNotBelow} onPress={onBelow} />
      {!isKnown && <IconButton kind="quiet" size="sm" icon={<X aria-hidden />} label={m.acd_take_away({ what: name })} onPress={onDrop} />}
    </div>
  );
}
