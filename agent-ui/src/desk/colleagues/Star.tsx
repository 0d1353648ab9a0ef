import { Star as StarIcon } from "lucide-react";
import { m } from "../../i18n/generated/messages.js";
import { ToggleButton } from "../../ui/Button/Button";
import css from "./Colleagues.module.css";
import { useStars } from "./useTargets";

/** Puts a colleague, a line or a queue among the favourites of this person. */
export function Star({ id, name }: { id: string; name: string }) {
  const stars = useStars();
  const isOn = stars.has(id);
  return <ToggleButton kind="quiet" data-plain size="sm" isSelected={isOn} onChange={() => stars.toggle(id)} label={isOn ? m.desk_unstar({ name }) : m.desk_star({ name })} icon={<StarIcon aria-hidden className={isOn ? css.starred : undefined} />} />;
}
