import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Tag as TagIcon } from "lucide-react";
import { useState } from "react";
import { api, ok } from "../../api/client";
import type { CallDetail } from "../../api/types";
import { useRights } from "../../app/hooks";
import { errorText } from "../../domain/can";
import { labelOf } from "../../domain/locale";
import { m } from "../../i18n/generated/messages.js";
import { SearchField } from "../../ui/Field/Field";
import { InlineError } from "../../ui/Message/Message";
import { Chips } from "../../ui/Segments/Segments";
import { Select } from "../../ui/Select/Select";
import { Tree } from "../../ui/Tree/Tree";
import { categoryTree, type Disposition, leaves } from "./categories";
import { useDispositions } from "./useDispositions";
import css from "./Tools.module.css";

const CHIPS = 4;
const words = (one: Disposition): string => labelOf(one.labels, one.code);

interface CategoryHold {
  all: readonly Disposition[];
  value: string | null;
  choose: (code: string) => void;
  error: Error | null;
  mayChoose: boolean;
}

function useCategory(id: string, call: CallDetail | undefined): CategoryHold {
  const all = useDispositions();
  const queries = useQueryClient();
  const rights = useRights();
  const { mutate, variables, isPending, error } = useMutation({
    // One key per call: whichever picker is on the screen shows the same wish.
    mutationKey: ["disposition", id],
    mutationFn: async (code: string) => ok(api.PUT("/v1/calls/{id}/disposition", { params: { path: { id } }, body: { code } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["calls"] }),
  });
  const stored = call?.disposition?.code ?? null;
  return { all, value: isPending ? variables : stored, choose: mutate, error, mayChoose: rights.has("call.note") };
}

/** Frequent categories as chips and all of them in a list; for the tools pane. */
export function Category({ id, call }: { id: string; call: CallDetail | undefined }) {
  const { all, value, choose, error, mayChoose } = useCategory(id, call);
  const offered = leaves(all, words).filter((leaf) => leaf.active || leaf.code === value);
  if (offered.length === 0) return null;
  const chips = offered.filter((leaf) => leaf.active).slice(0, CHIPS).map((leaf) => ({ id: leaf.code, label: leaf.label }));
  return (
    <div className={css.category}>
      <Select aria-label={m.desk_category()} icon={<TagIcon aria-hidden />} isDisabled={!mayChoose} placeholder={m.desk_choose_category()} choices={offered.map((leaf) => ({ id: leaf.code, label: leaf.path, isDisabled: !leaf.active }))} value={value} onChange={choose} />
      {value === null && <Chips label={m.desk_category()} options={chips} value={value} onChange={choose} isDisabled={!mayChoose} />}
      {error !== null && <InlineError>{errorText(error)}</InlineError>}
    </div>
  );
}

/** The whole tree with a search; for wrap-up. */
export function CategoryTree({ call }: { call: CallDetail }) {
  const { all, value, choose, error, mayChoose } = useCategory(call.id, call);
  const [text, setText] = useState("");
  const ends = leaves(all, words);
  const chips = ends.filter((leaf) => leaf.active).slice(0, CHIPS).map((leaf) => ({ id: leaf.code, label: leaf.label }));
  if (ends.length === 0) return <p className={css.hint}>{m.desk_no_categories()}</p>;
  const nodes = categoryTree(all, words, text, value);
  const pick = (code: string) => { if (mayChoose && ends.some((leaf) => leaf.code === code && leaf.active)) choose(code); };
  return (
    <div className={css.picker}>
      <p className={css.pickerTitle}>{m.desk_category()}</p>
      <Chips label={m.desk_frequent()} options={chips} value={chips.some((chip) => chip.id === value) ? value : null} onChange={choose} isDisabled={!mayChoose} />
      <div className={css.treeBox}>
        <SearchField aria-label={m.desk_find_category()} placeholder={m.desk_find_category()} value={text} onChange={setText} />
        <Tree key={text === "" ? "all" : "found"} label={m.desk_category()} nodes={nodes} value={value} onChange={pick} defaultExpandedKeys={text === "" ? nodes.filter((node) => node.children.some((child) => child.id === value) || nodes.length <= 3).map((node) => node.id) : nodes.flatMap((node) => [node.id, ...node.children.map((child) => child.id)])} />
      </div>
      {error !== null && <InlineError>{errorText(error)}</InlineError>}
    </div>
  );
}
