import { Plus } from "lucide-react";
import { useState } from "react";
import type { Calendar, Opening } from "../../api/types";
import { m } from "../../i18n/generated/messages.js";
import { Button, ToggleButton } from "../../ui/Button/Button";
import { Empty } from "../../ui/Empty/Empty";
import { TextField } from "../../ui/Field/Field";
import { Pane } from "../../ui/Pane/Pane";
import { Loaded } from "../parts/Loaded";
import { SaveBar } from "../parts/SaveBar";
import { FormGrid, Span } from "../parts/Span";
import { UnreadFields } from "../parts/unread";
import { ClockField, Rows, WordsField } from "./fields";
import { DAYS, freshCalendar, isHoliday, WORKDAYS } from "./forms";
import type { Whole } from "./useWhole";
import { dayWord } from "./words";
import css from "./acd.module.css";

/** Opening hours and holidays, by name: queues and rules call them. */
export function HoursPart({ calendars }: { calendars: Whole<Calendar> }) {
  const { items } = calendars;
  const [round, setRound] = useState(0);
  const take = (at: number) => {
    setRound(round + 1);
    calendars.set(items.filter((_, nth) => nth !== at));
  };
  const put = (at: number, change: Partial<Calendar>) => calendars.set(items.map((one, nth) => (nth === at ? { ...one, ...change } : one)));
  const add = () => calendars.set([...items, freshCalendar(Intl.DateTimeFormat().resolvedOptions().timeZone)]);
  return (
    <Pane
      title={m.acd_hours()}
      head="admin"
      actions={<Button size="sm" icon={<Plus aria-hidden />} onPress={add}>{m.acd_calendar_add()}</Button>}
      foot={<SaveBar save={calendars.save} faults={calendars.faults} isDirty={calendars.isDirty} onSave={() => calendars.store()} onDiscard={calendars.drop} onTheirs={calendars.drop} />}
    >
      <Loaded query={calendars.query} title={m.acd_hours_unread()}>
        {() => (items.length === 0 ? <Empty icon={<Plus />} title={m.acd_hours_none()}>{m.acd_hours_none_text()}</Empty> : <UnreadFields of={calendars.unread}>{items.map((one, at) => (
          <section key={`${round}.${at}`} className={css.calendar} aria-label={one.name || m.acd_calendar_unnamed()}>
            <CalendarFields one={one} set={(change) => put(at, change)} error={(field) => calendars.error(`${at}.${field}`)} onDrop={() => take(at)} />
          </section>
        ))}</UnreadFields>)}
      </Loaded>
    </Pane>
  );
}

interface CalendarFieldsProps {
  one: Calendar;
  set: (change: Partial<Calendar>) => void;
  error: (field: string) => string | undefined;
  onDrop: () => void;
}

function CalendarFields({ one, set, error, onDrop }: CalendarFieldsProps) {
  const holidays = one.holidays ?? [];
  const wrong = holidays.filter((day) => !isHoliday(day));
  return (
    <>
      <FormGrid>
        <Span of={3}><TextField label={m.admin_name()} isRequired value={one.name} onChange={(name) => set({ name })} error={error("name")} /></Span>
        <Span of={3}><TextField label={m.acd_zone()} mono isRequired value={one.zone} onChange={(zone) => set({ zone })} error={error("zone")} /></Span>
      </FormGrid>
      <div className={css.stack}>
        <Rows label={m.acd_opening()} items={one.hours} fresh={WORKDAYS} add={m.acd_opening_add()} empty={m.acd_opening_none()} onChange={(hours) => set({ hours })} error={error("hours")} row={(opening, put, at) => <OpeningFields one={opening} set={put} error={(field) => error(`hours.${at}.${field}`)} />} />
        <WordsField label={m.acd_holidays()} value={holidays} onChange={(days) => set({ holidays: days })} hint={m.acd_holidays_hint()} error={wrong.length > 0 ? m.acd_holiday_wrong({ day: wrong.join(", ") }) : error("holidays") ?? error("holidays.0")} />
        <Rows
          label={m.acd_special()}
          items={(one.special ?? []).map(([day, from, until]) => ({ day, from, until }))}
          fresh={{ day: new Date().toISOString().slice(0, 10), from: 480, until: 720 }}
          add={m.acd_special_add()}
          empty={m.acd_special_none()}
          onChange={(rows) => set({ special: rows.map(({ day, from, until }): [string, number, number] => [day, from, until]) })}
          error={error("special")}
          row={(row, put, at) => (
            <>
              <TextField label={m.acd_day()} type="date" value={row.day} onChange={(day) => put({ day })} error={error(`special.${at}`) ?? error(`special.${at}.0`)} />
              <ClockField label={m.acd_from()} value={row.from} onChange={(from) => put({ from })} error={error(`special.${at}.1`)} />
              <ClockField label={m.acd_until()} value={row.until} onChange={(until) => put({ until })} error={error(`special.${at}.2`)} />
            </>
          )}
        />
        <div><Button kind="quiet" onPress={onDrop}>{m.acd_calendar_drop({ name: one.name || m.acd_calendar_unnamed() })}</Button></div>
      </div>
    </>
  );
}

function OpeningFields({ one, set, error }: { one: Opening; set: (change: Partial<Opening>) => void; error: (field: string) => string | undefined }) {
  const toggle = (day: string, isOn: boolean) => set({ days: DAYS.filter((known) => (known === day ? isOn : one.days.includes(known))) });
  return (
    <>
      <div className={css.days} role="group" aria-label={m.acd_days()}>
        {DAYS.map((day) => <ToggleButton key={day} size="sm" isSelected={one.days.includes(day)} onChange={(isOn) => toggle(day, isOn)}>{dayWord(day)}</ToggleButton>)}
      </div>
      <ClockField label={m.acd_from()} value={one.from_min} onChange={(from_min) => set({ from_min })} error={error("from_min") ?? error("days")} />
      <ClockField label={m.acd_until()} value={one.until_min} onChange={(until_min) => set({ until_min })} error={error("until_min")} />
    </>
  );
}
