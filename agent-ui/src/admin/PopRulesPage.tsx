import { useQuery } from "@tanstack/react-query";
import { AppWindow, Plus } from "lucide-react";
import { useLive } from "../app/hooks";
import { Page } from "../app/Page";
import { m } from "../i18n/generated/messages.js";
import { Button } from "../ui/Button/Button";
import { Empty } from "../ui/Empty/Empty";
import { GridList, GridRow } from "../ui/List/List";
import { Pane } from "../ui/Pane/Pane";
import { Tag } from "../ui/Tag/Tag";
import { popLogQuery, popRulesQuery } from "./data/queries";
import type { PopRule } from "../api/types";
import { Loaded } from "./parts/Loaded";
import parts from "./parts/parts.module.css";
import { useSearchText } from "./parts/useSearchText";
import { PopLog } from "./pops/PopLog";
import { RuleEditor } from "./pops/RuleEditor";

const NEW = "new";

/** Which page opens for which call, and what became of it. */
export function PopRulesPage() {
  const [place, goTo] = useSearchText("rule");
  const rules = useQuery(popRulesQuery);
  const log = useQuery(popLogQuery);
  const rule = place.rule === NEW ? null : rules.data?.find((one) => one.id === place.rule) ?? rules.data?.[0] ?? null;
  const show = (id: string | undefined) => goTo({ rule: id });
  return (
    <Page
      title={m.admin_rules()}
      listLabel={m.admin_rules()}
      toolsLabel={m.admin_pop_log()}
      widths={{ list: 304, tools: 400 }}
      list={(
        <Pane title={m.admin_rules()} head="admin" ground="canvas" actions={<Button size="sm" icon={<Plus aria-hidden />} onPress={() => show(NEW)}>{m.admin_add()}</Button>}>
          <Loaded query={rules} title={m.admin_rules_unread()} height="two">
            {(rows) => <Rules rows={rows} chosen={rule?.id ?? null} onChoose={show} />}
          </Loaded>
        </Pane>
      )}
      stage={rules.data !== undefined && <RuleEditor key={rule?.id ?? NEW} rule={rule} lastCall={log.data?.[0]?.call ?? null} onShow={show} />}
      tools={<PopLog rules={rules.data ?? []} />}
    />
  );
}

function Rules({ rows, chosen, onChoose }: { rows: readonly PopRule[]; chosen: string | null; onChoose: (id: string) => void }) {
  const queues = useLive((state) => state.parts.queues.items);
  if (rows.length === 0) return <Empty icon={<AppWindow />} title={m.admin_rules_none()}>{m.admin_rules_none_text()}</Empty>;
  return (
    <GridList
      label={m.admin_rules()}
      items={rows}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={chosen === null ? [] : [chosen]}
      onSelectionChange={(keys) => { if (keys !== "all") for (const key of keys) onChoose(String(key)); }}
      dependencies={[queues]}
    >
      {(one) => (
        <GridRow id={one.id} text={one.name}>
          <span className={parts.two}>
            <span className={parts.strong}>{one.name}</span>
            <span>{one.queue ? (queues.get(one.queue)?.queue.name ?? one.queue) : m.admin_rule_all_queues()}</span>
          </span>
          {!one.active && <Tag look="outlined">{m.admin_inactive()}</Tag>}
        </GridRow>
      )}
    </GridList>
  );
}
