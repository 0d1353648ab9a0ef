import { useQuery } from "@tanstack/react-query";
import { useLive, useMe, useRights } from "../app/hooks";
import { drawers } from "../app/drawers";
import { Page } from "../app/Page";
import { paths } from "../app/paths";
import { go } from "../app/place";
import { m } from "../i18n/generated/messages.js";
import { extensionsQuery, popLogQuery, popRulesQuery, setupQuery, switchesQuery } from "./data/queries";
import { showTools } from "./parts/showTools";
import { useSearchText } from "./parts/useSearchText";
import { PeoplePart } from "./people/PeoplePart";
import { PeopleTools } from "./people/PeopleTools";
import { usePeople } from "./people/usePeople";
import { factWords } from "./setup/factWords";
import { FramesPart, FramesSnippet } from "./setup/FramesPart";
import { LinkPart } from "./setup/LinkPart";
import { PathTestPane } from "./setup/PathTestPane";
import { firstPop, type FirstPopStep } from "./setup/progress";
import { RingPhone } from "./setup/RingPhone";
import { SetupList } from "./setup/SetupList";
import { faultsOf } from "./setup/switchForm";
import { NEW, useDrafts } from "./setup/useDrafts";
import { usePathTests } from "./setup/usePathTest";

/** Set-up for the administrator: link, people and phones, and the way to the first pop. */
export function SetupPage() {
  const [place, goTo] = useSearchText("switch", "part", "phone");
  const drafts = useDrafts();
  const tests = usePathTests();
  const switches = useQuery(switchesQuery);
  const way = useFirstPop();
  const people = usePeople();
  const part = place.part === "people" || place.part === "frames" ? place.part : "link";
  const mayFrame = useRights().has("config.admin");
  const view = place.switch === NEW ? undefined : switches.data?.find((one) => one.id === place.switch) ?? switches.data?.[0];
  const onStep = (step: FirstPopStep) => {
    if (step === "people") return goTo({ part: "people" });
    if (step === "rule") return go(paths.popRules());
    if (step === "call") return go(paths.desk());
    goTo({ part: "link" });
    if (step === "phone") document.querySelector("#ring")?.scrollIntoView({ block: "nearest" });
  };
  const list = (
    <SetupList
      {...way}
      onStep={onStep}
      current={part === "frames" ? null : part}
      frames={mayFrame ? { isCurrent: part === "frames", onPress: () => goTo({ part: "frames" }) } : null}
      switches={switches.data ?? []}
      chosen={part === "link" ? view?.id ?? null : null}
      onChoose={(id) => goTo({ switch: id, part: "link" })}
      onAdd={() => goTo({ switch: NEW, part: "link" })}
    />
  );
  const key = view?.id ?? NEW;
  const draft = drafts.of(key, view);
  const isDraft = drafts.isDirty(key) || view === undefined;
  const reason = isDraft && Object.keys(faultsOf(draft, view !== undefined)).length > 0 ? m.admin_test_needs_form() : null;
  const link = {
    stage: switches.data !== undefined && <LinkPart key={key} view={view} drafts={drafts} onShow={(id) => goTo({ switch: id })} />,
    tools: (
      <PathTestPane test={tests.of(key, draft.kind)} reason={reason} onRun={() => void tests.run(key, isDraft || view === undefined ? { kind: "draft", draft } : { kind: "stored", id: view.id, of: view.kind })}>
        <RingPhone switchId={view?.id} />
      </PathTestPane>
    ),
  };
  const persons = {
    stage: <PeoplePart people={people} chosen={place.phone ?? null} onChoose={(phone) => { goTo({ phone }); showTools(); }} onPart={(wanted) => goTo({ part: wanted })} />,
    tools: <PeopleTools people={people} chosen={place.phone ?? null} onClose={() => { goTo({ phone: undefined }); drawers.close(); }} />,
  };
  if (part === "frames" && mayFrame) return <Page title={m.admin_setup()} list={list} listLabel={m.admin_setup()} toolsLabel={m.admin_embed_snippet()} widths={{ list: 304, tools: 400 }} stage={<FramesPart />} tools={<FramesSnippet />} />;
  return <Page title={m.admin_setup()} list={list} listLabel={m.admin_setup()} toolsLabel={part === "link" ? m.admin_path_test() : m.admin_mapping()} widths={part === "link" ? { list: 304, tools: 520 } : { list: 304, tools: 400 }} {...(part === "link" ? link : persons)} />;
}

/** The five steps with what is known about each. */
function useFirstPop() {
  const me = useMe();
  const setup = useQuery(setupQuery);
  const rules = useQuery(popRulesQuery);
  const pops = useQuery(popLogQuery);
  const extensions = useQuery(extensionsQuery);
  const mine = useLive((state) => (me.primary_device ? state.parts.devices.items.get(me.primary_device) : undefined));
  const facts = {
    counts: setup.data?.counts,
    my_device: me.primary_device,
    rules: rules.data,
    pops: pops.data,
    mapped: extensions.data?.items.filter((row) => row.user).length,
  };
  return { steps: firstPop(facts), facts: factWords(facts, mine) };
}
