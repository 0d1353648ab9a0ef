import { Download } from "lucide-react";
import { useState, type ReactNode } from "react";
import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import { FileDrop } from "../../ui/FileDrop/FileDrop";
import { InlineError, Message } from "../../ui/Message/Message";
import { Cell, Column, Row, Table, TableBody, TableHead } from "../../ui/Table/Table";
import type { RefusedRow } from "../../api/types";
import { Figures } from "./Figures";
import { Ticked } from "./Ticked";
import { useSave } from "./useSave";
import css from "./parts.module.css";

export interface ImportResult {
  dry_run: boolean;
  rows: number;
  refused: RefusedRow[];
}

export interface ImportPanelProps<Result extends ImportResult> {
  /** Sends the file; on a dry run nothing is changed. */
  send: (file: File, dryRun: boolean) => Promise<Result>;
  /** Lists that an import touches. */
  keys: readonly string[];
  /** What the file would do, or did. */
  figures: (result: Result) => { label: string; value: number }[];
  /** True when applying would change something. */
  changes: (result: Result) => boolean;
  /** Header line and a sample row. */
  template: { name: string; text: string };
  /** Columns of the file in words. */
  hint: string;
  /** Shown after it was applied, e.g. first passwords. */
  after?: (result: Result) => ReactNode;
  onDone: () => void;
}

/** A file is chosen, tried without changing anything, judged row by row, then applied. */
export function ImportPanel<Result extends ImportResult>({ send, keys, figures, changes, template, hint, after, onDone }: ImportPanelProps<Result>) {
  const [file, setFile] = useState<File | null>(null);
  const [tried, setTried] = useState<Result | null>(null);
  const [done, setDone] = useState<Result | null>(null);
  const dry = useSave((one: File) => send(one, true), []);
  const apply = useSave((one: File) => send(one, false), keys);
  const choose = (one: File) => {
    setFile(one);
    setTried(null);
    setDone(null);
    apply.reset();
    dry.run(one, setTried);
  };
  const result = done ?? tried;
  const problem = dry.problem ?? apply.problem;
  return (
    <div className={css.stack} data-flush>
      <p className={css.hint}>{hint} <TemplateLink {...template} /></p>
      <FileDrop label={m.admin_import_drop()} buttonLabel={m.admin_import_choose()} accept={[".csv", "text/csv"]} onFile={choose}>
        {file === null ? m.admin_import_forms() : `${file.name}${dry.isPending ? ` · ${m.admin_import_trying()}` : ""}`}
      </FileDrop>
      {problem !== null && <InlineError>{problem}</InlineError>}
      {result !== null && <Figures label={m.admin_import_effect()} items={[{ label: m.admin_import_rows(), value: result.rows }, ...figures(result), { label: m.admin_import_refused(), value: result.refused.length, tone: result.refused.length > 0 ? "bad" : undefined }]} />}
      {done !== null && <Message tone="good" live="status">{m.admin_import_done()}</Message>}
      {result !== null && result.refused.length > 0 && <Refused rows={result.refused} />}
      {done !== null && after?.(done)}
      <div className={css.buttons}>
        {done === null
          ? <Button kind="primary" isPending={apply.isPending} reason={reasonOf(file, tried, changes)} onPress={() => { if (file) apply.run(file, setDone); }}>{m.admin_import_apply()}</Button>
          : <Button kind="primary" onPress={onDone}>{m.admin_close()}</Button>}
      </div>
    </div>
  );
}

function reasonOf<Result>(file: File | null, tried: Result | null, changes: (result: Result) => boolean): string | null {
  if (file === null) return m.admin_import_no_file();
  if (tried === null) return m.admin_import_trying();
  return changes(tried) ? null : m.admin_import_no_change();
}

/** Rows that are not taken: where, what, and how to mend it. */
function Refused({ rows }: { rows: readonly RefusedRow[] }) {
  const items = rows.map((row, at) => ({ ...row, key: at }));
  return (
    <div className={css.refused}>
      <Table label={m.admin_import_refused()}>
        <TableHead>
          <Column id="line" isRowHeader align="end" span="4rem">{m.admin_import_line()}</Column>
          <Column id="field">{m.admin_import_field()}</Column>
          <Column id="reason" span="48%">{m.admin_import_reason()}</Column>
          <Column id="fix" span="36%">{m.admin_import_fix()}</Column>
        </TableHead>
        <TableBody items={items}>
          {(row) => <Row id={row.key}><Cell align="end">{row.line}</Cell><Cell>{row.field}</Cell><Cell><Ticked text={row.reason} /></Cell><Cell><Ticked text={row.fix} /></Cell></Row>}
        </TableBody>
      </Table>
    </div>
  );
}

/** A file with the header and one row to start from. */
function TemplateLink({ name, text }: { name: string; text: string }) {
  return <a className={css.template} download={name} href={`data:text/csv;charset=utf-8,${encodeURIComponent(text)}`}><Download aria-hidden />{m.admin_import_template()}</a>;
}
