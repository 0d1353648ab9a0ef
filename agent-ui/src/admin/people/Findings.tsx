import { CircleCheck, OctagonAlert, TriangleAlert } from "lucide-react";
import { go } from "../../app/place";
import { paths } from "../../app/paths";
import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import { Disclosure } from "../../ui/Disclosure/Disclosure";
import { Badge } from "../../ui/Tag/Tag";
import type { Finding } from "../../api/types";
import { Ticked } from "../parts/Ticked";
import { findingTexts } from "./findingWords";
import { openFindings, type Remedy, remedyOf } from "./findings";
import type { PhoneFilter } from "./rows";
import css from "./people.module.css";

export interface FindingsProps {
  findings: readonly Finding[];
  onPart: (part: "link" | "people") => void;
  onFilter: (filter: PhoneFilter) => void;
}

/** What is missing and how to mend it, each with the way to the place where it is mended. */
export function Findings({ findings, onPart, onFilter }: FindingsProps) {
  const open = openFindings(findings);
  const mend = (remedy: Remedy) => {
    if (remedy.kind === "part") onPart(remedy.part);
    else if (remedy.kind === "filter") onFilter(remedy.filter);
    else go({ rules: paths.popRules, users: paths.users, contacts: () => paths.contacts() }[remedy.page]());
  };
  if (findings.length === 0) return null;
  return (
    <div className={css.fold}>
      <Disclosure title={<span className={css.findingsTitle}>{m.admin_findings()} <Badge strong={open.length > 0}>{open.length}</Badge></span>} defaultExpanded>
        <ul className={css.findings}>
          {open.length === 0 && <li className={css.finding} data-tone="good"><span className={css.findingIcon}><CircleCheck aria-hidden /></span><span className={css.findingText}>{m.admin_findings_none()}</span></li>}
          {open.map((finding) => <Row key={`${finding.code}/${finding.subject ?? ""}`} finding={finding} onMend={mend} />)}
        </ul>
      </Disclosure>
    </div>
  );
}

function Row({ finding, onMend }: { finding: Finding; onMend: (remedy: Remedy) => void }) {
  const isBlocking = finding.severity === "blocking";
  const Icon = isBlocking ? OctagonAlert : TriangleAlert;
  const remedy = remedyOf(finding);
  const { title, detail, fix } = findingTexts(finding);
  return (
    <li className={css.finding} data-tone={isBlocking ? "bad" : "warn"}>
      <span className={css.findingIcon}><Icon aria-hidden /></span>
      <span className={css.findingText}><strong>{title}</strong>{detail !== null && <span className={css.findingDetail}><Ticked text={detail} /></span>}<Ticked text={fix} /></span>
      {remedy && <Button size="sm" onPress={() => onMend(remedy)}>{remedy.label}</Button>}
    </li>
  );
}
