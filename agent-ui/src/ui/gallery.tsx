// The kit beside its picture; served by `npm run dev` only, no part of the build.
import { Pause, Phone, PhoneOff, RefreshCw } from "lucide-react";
import { useState, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import "../styles/base.css";
import { Button, IconButton } from "./Button/Button";
import { Checkbox, Radio, RadioGroup, Switch } from "./Choice/Choice";
import { SwitchButton } from "./Choice/SwitchButton";
import { ComboBox } from "./ComboBox/ComboBox";
import { Counters } from "./Counters/Counters";
import { Dialog } from "./Dialog/Dialog";
import { Empty, ErrorPane, Skeleton } from "./Empty/Empty";
import { SearchField, TextArea, TextField } from "./Field/Field";
import { FileDrop } from "./FileDrop/FileDrop";
import { Menu, MenuItem, MenuSection } from "./Menu/Menu";
import { Message } from "./Message/Message";
import { Pane } from "./Pane/Pane";
import { TimeLeft } from "./Progress/Progress";
import { Chips, Segments } from "./Segments/Segments";
import { Select } from "./Select/Select";
import { StateMark, type StateLook } from "./StateMark/StateMark";
import { Steps } from "./Steps/Steps";
import { Cell, Column, Row, Table, TableBody, TableHead } from "./Table/Table";
import { Badge, Tag } from "./Tag/Tag";
import { Tile, TileGrid } from "./Tiles/Tiles";
import { Toast } from "./Toast/Toast";
import { Tree } from "./Tree/Tree";

const STATES: StateLook[] = ["ready", "chatting", "reserved", "ringing", "talking", "talking_direct", "hold", "wrap_up", "pause", "pause_work", "pause_private", "not_responding", "logged_out"];
const CHOICES = [{ id: "1", label: "Change of details" }, { id: "2", label: "New claim", note: "second line" }];
const card = { background: "var(--surface)", border: "1px solid var(--line)", borderRadius: 10, padding: 16, display: "flex", flexDirection: "column", gap: 12 } as const;

function Card({ children }: { children: ReactNode }) {
  return <div style={card}>{children}</div>;
}

function Buttons() {
  return (
    <Card>
      {(["primary", "default", "quiet", "answer", "clear"] as const).map((kind) => (
        <div key={kind} style={{ display: "flex", gap: 8 }}>
          <Button kind={kind} icon={kind === "answer" ? <Phone /> : undefined}>Save</Button>
          <Button kind={kind} isPending>Save</Button>
          <Button kind={kind} reason="The form is not filled in">Save</Button>
          <IconButton kind={kind} icon={kind === "clear" ? <PhoneOff /> : <Pause />} label="Hold" />
          <Button kind={kind} size="lg" kbd="Alt ⇧ A">Save</Button>
        </div>
      ))}
      <Menu trigger={<Button>Menu</Button>} foot={<Switch>After this call</Switch>}>
        <MenuSection label="States">
          <MenuItem id="a" icon={<StateMark state="ready" />} kbd="Alt ⇧ R">Ready</MenuItem>
          <MenuItem id="b" icon={<StateMark state="pause" />} aside="08:15 of 15:00 today">Break</MenuItem>
        </MenuSection>
        <MenuSection label="Rest"><MenuItem id="c" icon={<StateMark state="logged_out" />}>Log out</MenuItem></MenuSection>
      </Menu>
      <Dialog title="Work here instead?" trigger={<Button>Dialog</Button>} actions={(close) => <><Button onPress={close}>Stay there</Button><Button kind="primary" onPress={close}>Work here</Button></>}>You are signed in elsewhere.</Dialog>
    </Card>
  );
}

function Fields() {
  const [view, setView] = useState("24 h");
  const [pick, setPick] = useState<string | null>(null);
  return (
    <Card>
      <TextField label="Rest" placeholder="Name or number" />
      <TextField label="Hint" defaultValue="603/123 456 kl. 12" hint="dials +420 603 123 456, then 12" />
      <TextField label="Invalid" defaultValue="900 555 100" error="Premium number, not allowed" />
      <TextField label="Read only" isReadOnly value="42054155XXXX" mono suffix="8–11" />
      <SearchField aria-label="Search" placeholder="Find" defaultValue="x" />
      <Select label="Category" labelNote="required" choices={CHOICES} value={pick} onChange={setPick} placeholder="Choose" />
      <ComboBox label="Combo" choices={CHOICES} />
      <TextArea label="Note" rows={2} />
      <div style={{ display: "flex", gap: 12, flexWrap: "wrap" }}>
        <Switch defaultSelected>On</Switch><Switch>Off</Switch><Checkbox defaultSelected>Checked</Checkbox><Checkbox>Free</Checkbox>
        <RadioGroup aria-label="r" defaultValue="a" orientation="horizontal"><Radio value="a">Chosen</Radio></RadioGroup>
        <Tag>Exact match</Tag><Tag look="outlined">Suggested</Tag><Badge strong>3</Badge><Badge>12</Badge>
      </div>
      <Segments label="View" options={[{ id: "24 h", label: "24 h" }, { id: "w", label: "Week" }]} value={view} onChange={setView} />
      <Chips label="c" options={CHOICES} value={pick} onChange={setPick} />
      <Tree label="t" nodes={[{ id: "x", label: "Contracts", children: [{ id: "1", label: "Change of details", children: [] }] }]} value={pick} onChange={setPick} defaultExpandedKeys={["x"]} />
    </Card>
  );
}

function Rest() {
  return (
    <>
      <Card>
        {STATES.map((state) => <div key={state} data-state={state} style={{ display: "flex", gap: 8, color: "var(--state-text)" }}>{([12, 16, 20, 24] as const).map((size) => <StateMark key={size} state={state} size={size} />)}{state}<span style={{ background: "var(--tint)" }}>04:12</span></div>)}
        <div data-state="ready"><StateMark state="ready" unreachable /></div>
        <div data-state="wrap_up"><TimeLeft label="time left" leftMs={30000} totalMs={60000} text="00:30" /></div>
        <Message tone="good">Saved.</Message><Message tone="warn" title="No connection.">Your phone works.</Message><Message tone="bad">PBX link lost</Message>
        <Toast kind="bad" title="Transfer refused." text="1050 is busy." action={{ label: "Retry", run: () => undefined }} closeLabel="Close" onClose={() => undefined} />
        <Steps label="s" steps={[{ id: "1", state: "passed", stateWord: "passed", title: "Address", detail: "192.0.2.10", aside: "4 ms" }, { id: "2", state: "failed", stateWord: "failed", title: "Rights", body: <Message tone="bad" title="The account may not dial." /> }, { id: "3", state: "waiting", stateWord: "not run", title: "Ring" }]} />
      </Card>
      <Card>
        <Table label="Rows" selectionMode="single"><TableHead><Column id="a" isRowHeader allowsSorting>Name</Column><Column id="b" align="end">Time</Column></TableHead><TableBody items={[{ id: "1", n: "Row" }, { id: "2", n: "Row 2" }]}>{(item) => <Row id={item.id}><Cell>{item.n}</Cell><Cell align="end">10:42</Cell></Row>}</TableBody></Table>
        <FileDrop label="Drop a CSV here" buttonLabel="Choose" accept={[".csv"]} onFile={() => undefined} />
        <Pane title="History" note="all" fill={false}><ErrorPane title="History could not be read" code="store_busy" trace="4f2a9c01" actions={<Button kind="primary" icon={<RefreshCw />}>Try again</Button>}>The server answered 503.</ErrorPane></Pane>
        <Empty icon={<Phone />} title="No calls yet">A call appears here when it rings.</Empty>
        <Skeleton rows={2} label="Loading" />
      </Card>
    </>
  );
}

function People() {
  const [isOn, setOn] = useState(true);
  const [lane, setLane] = useState<string | null>(null);
  return (
    <div style={{ ...card, gridColumn: "1 / -1" }}>
      <Counters label="By state" value={lane} onChange={setLane} counters={[{ id: "ready", look: "ready", word: "Ready", count: 6 }, { id: "talking", look: "talking", word: "On call", count: 10 }, { id: "trouble", look: "not_responding", word: "Needs help", count: 2, wants: true }]} />
      <TileGrid label="Tiles">
        {STATES.map((state, at) => <Tile key={state} id={state} text={state} look={state} name="Klára Vondrová" time="02:37" word={state} figures="22 / 1" meta="1042 · Customer line" isDim={at === 7} isUnreachable={at === 0} />)}
      </TileGrid>
      <TileGrid label="Flat tiles" look="column"><Tile id="flat" text="flat" look="ringing" isFlat name="David Urban" nameNote="1051" time="00:07" word="Ringing" figures="20 / 1" meta="Customer line" /></TileGrid>
      <div style={{ display: "flex", gap: 12 }}>
        <SwitchButton label="Calls of Claims" isOn={isOn} onChange={setOn} /><SwitchButton label="Calls of Sales" isOn={false} onChange={setOn} isPending /><SwitchButton label="Calls of Service" isOn reason="Only a supervisor may do this" onChange={setOn} />
      </div>
    </div>
  );
}

const root = document.getElementById("root");
if (root !== null) createRoot(root).render(<div style={{ display: "grid", gridTemplateColumns: "repeat(auto-fit, minmax(320px, 1fr))", gap: 16, padding: 24, height: "100%", overflow: "auto" }}><Buttons /><Fields /><Rest /><People /></div>);
