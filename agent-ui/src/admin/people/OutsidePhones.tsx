import { useQuery } from "@tanstack/react-query";
import { PhoneForwarded, Smartphone, Trash2 } from "lucide-react";
import { useMemo, useState } from "react";
import { call } from "../../api/client";
import { useLive } from "../../app/hooks";
import { toast } from "../../app/toast";
import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import { ComboBox } from "../../ui/ComboBox/ComboBox";
import { Dialog } from "../../ui/Dialog/Dialog";
import { Empty } from "../../ui/Empty/Empty";
import { TextField } from "../../ui/Field/Field";
import { InlineError } from "../../ui/Message/Message";
import { SectionHead } from "../../ui/Pane/Pane";
import { Select } from "../../ui/Select/Select";
import { Badge } from "../../ui/Tag/Tag";
import { Cell, Column, Row, Table, TableBody, TableHead } from "../../ui/Table/Table";
import { useTrial } from "../acd/useTrial";
import { assignmentsQuery } from "../data/queries";
import { ConfirmDelete } from "../parts/ConfirmDelete";
import { Loaded } from "../parts/Loaded";
import parts from "../parts/parts.module.css";
import { useNarrow } from "../parts/useNarrow";
import { useSave } from "../parts/useSave";
import { type OutsideRow, outsideBody, outsideRows, type OutsideWish } from "./outside";
import { PhoneState } from "./PhoneState";
import type { People } from "./usePeople";

const PATH = "/v1/assignments";
const KEYS = ["assignments"];

/** Who works at a mobile or another number outside, and giving one to somebody. */
export function OutsidePhones({ people }: { people: People }) {
  const { users, devices } = people;
  const query = useQuery(assignmentsQuery);
  const given = query.data?.items;
  const rows = useMemo(() => outsideRows(given ?? [], devices, users), [given, devices, users]);
  const [isGiving, setGiving] = useState(false);
  return (
    <>
      <SectionHead title={m.admin_outside()} note={<Badge>{rows.length}</Badge>} actions={<Button size="sm" icon={<Smartphone aria-hidden />} onPress={() => setGiving(true)}>{m.admin_outside_add()}</Button>} />
      <Loaded query={query} title={m.admin_outside_unread()}>{() => <OutsideTable rows={rows} />}</Loaded>
      {isGiving && <Give people={people} onClose={() => setGiving(false)} />}
    </>
  );
}

function OutsideTable({ rows }: { rows: readonly OutsideRow[] }) {
  const width = useNarrow();
  const links = useLive((state) => state.parts.links.items);
  return (
    <Table label={m.admin_outside()}>
      <TableHead>
        <Column id="person" isRowHeader span="30%">{m.admin_column_person()}</Column>
        <Column id="number">{m.admin_column_numbers()}</Column>
        {width !== "small" && <Column id="switch">{m.admin_outside_by()}</Column>}
        <Column id="state">{m.admin_column_state()}</Column>
        <Column id="take" align="end" hiddenLabel={m.admin_delete()} />
      </TableHead>
      <TableBody items={rows} dependencies={[width, links]} renderEmptyState={() => <Empty icon={<PhoneForwarded />} title={m.admin_outside_none()}>{m.admin_outside_none_text()}</Empty>}>
        {(row: OutsideRow) => (
          <Row id={row.id}>
            <Cell truncate>{row.person}</Cell>
            <Cell>{row.number}</Cell>
            {width !== "small" && <Cell truncate>{links.get(row.switch)?.name ?? row.switch}</Cell>}
            <Cell><PhoneState row={{ device: row.device, entry: null }} /></Cell>
            <Cell align="end"><Take row={row} /></Cell>
          </Row>
        )}
      </TableBody>
    </Table>
  );
}

function Take({ row: { id, person, number } }: { row: OutsideRow }) {
  const save = useSave(() => call("DELETE", `${PATH}/${encodeURIComponent(id)}`), KEYS);
  return (
    <ConfirmDelete
      title={m.admin_outside_delete({ number, name: person })}
      text={m.admin_outside_delete_text()}
      icon={<Trash2 aria-hidden />}
      label={m.admin_outside_delete({ number, name: person })}
      isPending={save.isPending}
      problem={save.problem}
      onConfirm={(done) => save.run(undefined, done)}
    />
  );
}

/** Person, number, and the switch that dials it, tried by the server while one writes. */
function Give({ people, onClose }: { people: People; onClose: () => void }) {
  const switches = useLive((state) => [...state.parts.links.items.values()]);
  const [wish, setWish] = useState<OutsideWish>({ user: null, switch: switches[0]?.switch ?? "", number: "" });
  const body = outsideBody(wish);
  const trial = useTrial("POST", PATH, body);
  const save = useSave((wanted: object) => call("POST", PATH, { body: wanted }), KEYS);
  const set = (change: Partial<OutsideWish>) => { save.reset(); setWish({ ...wish, ...change }); };
  const users = people.users.filter((user) => !user.removed_at).map(({ id, name, login }) => ({ id, label: name, note: login }));
  const wrong = { ...trial.fields, ...save.fields };
  const problem = save.problem ?? trial.problem;
  const give = () => {
    if (body !== null) save.run(body, () => { toast({ kind: "good", title: m.admin_saved() }); onClose(); });
  };
  return (
    <Dialog
      title={m.admin_outside_add()}
      isOpen
      onOpenChange={(isOpen) => { if (!isOpen) onClose(); }}
      actions={(
        <>
          <Button onPress={onClose}>{m.admin_cancel()}</Button>
          <Button kind="primary" isPending={save.isPending} reason={body === null ? m.admin_outside_needs() : trial.problem ?? (trial.isCurrent ? null : m.admin_trying())} onPress={give}>{m.admin_outside_give()}</Button>
        </>
      )}
    >
      <div className={parts.stack} data-flush>
        <p className={parts.hint}>{m.admin_outside_text()}</p>
        <ComboBox label={m.admin_column_person()} choices={users} value={wish.user} onPick={(user) => set({ user })} error={wrong.user} menuTrigger="focus" empty={m.admin_nothing_found()} autoFocus />
        <TextField label={m.admin_column_numbers()} type="tel" placeholder="+420 777 123 456" hint={m.admin_outside_number_hint()} value={wish.number} onChange={(number) => set({ number })} error={wrong["outside.number"] ?? wrong.number} />
        {switches.length > 1 && <Select label={m.admin_outside_by()} choices={switches.map(({ switch: id, name }) => ({ id, label: name ?? id }))} value={wish.switch} onChange={(by) => set({ switch: by })} error={wrong["outside.switch"]} />}
        {problem !== null && Object.keys(wrong).length === 0 && <InlineError>{problem}</InlineError>}
      </div>
    </Dialog>
  );
}
