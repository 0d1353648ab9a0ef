import { dayAndTime } from "../../domain/format";
import { m } from "../../i18n/generated/messages.js";
import type { DeviceView } from "../../api/types";
import type { FirstPopFacts, FirstPopStep } from "./progress";

/** What is known about each step of the way, in a few words. */
export function factWords(facts: FirstPopFacts, mine: DeviceView | undefined): Record<FirstPopStep, string> {
  const { counts, rules, pops } = facts;
  const active = rules?.filter((rule) => rule.active).length ?? 0;
  const first = pops?.find((pop) => pop.state !== "suppressed");
  return {
    link: counts === undefined || counts.switches === 0 ? m.admin_fact_link_none() : m.admin_fact_links({ up: counts.links_up, all: counts.switches }),
    people: counts === undefined ? m.admin_fact_people_none() : m.admin_fact_people({ mapped: facts.mapped ?? 0, all: counts.stations }),
    phone: mine?.extension ?? mine?.pbx_id ?? m.admin_fact_phone_none(),
    rule: active > 0 ? m.admin_fact_rules({ count: active }) : m.admin_fact_rule_none(),
    call: first === undefined ? m.admin_fact_call_none() : m.admin_fact_call({ at: dayAndTime(first.at) }),
  };
}
