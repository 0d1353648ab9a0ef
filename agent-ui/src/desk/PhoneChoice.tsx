import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { api, ok } from "../api/client";
import type { components } from "../api/generated/rest";
import { useMe, usePreferences, useRights, useSession } from "../app/hooks";
import { queryClient } from "../app/query";
import { ME_KEY, readMe } from "../app/session";
import { errorText } from "../domain/can";
import { m } from "../i18n/generated/messages.js";
import { Button } from "../ui/Button/Button";
import { Checkbox, Radio, RadioGroup } from "../ui/Choice/Choice";
import { Skeleton } from "../ui/Empty/Empty";
import { SearchField } from "../ui/Field/Field";
import { InlineError } from "../ui/Message/Message";
import { type Phone, type PhoneGroup, phonesOf } from "./phones";
import { WayIn } from "./WayIn";
import css from "./SignIn.module.css";

type DeviceView = components["schemas"]["DeviceView"];

/** Pages of a list, at most this many, so that a large site does not fill the memory of a browser. */
const PAGES_MOST = 20;

async function readDevices(): Promise<DeviceView[]> {
  const devices: DeviceView[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MOST; page += 1) {
    const query = { limit: 200, ...(cursor === undefined ? {} : { cursor }) };
    const { items, next_cursor } = await ok(api.GET("/v1/devices", { params: { query } }));
    devices.push(...items);
    if (!next_cursor) break;
    cursor = next_cursor;
  }
  return devices;
}

/** Takes the phone and tells everybody who asks for me. */
async function sitDown(device: string): Promise<void> {
  await ok(api.POST("/v1/assignments", { body: { device, kind: "hot_desk", primary: true } }));
  queryClient.setQueryData(ME_KEY, await readMe());
}

/** After the sign-in: where calls ring. My own phone, the last one, or a free one. */
export function PhoneChoice({ onDone }: { onDone: () => void }) {
  const { has } = useRights();
  const hasDevices = has("agent.read") || has("device.admin");
  const isPointless = !has("call.command") || !hasDevices;
  useEffect(() => {
    if (isPointless) onDone();
  }, [isPointless, onDone]);
  if (isPointless) return null;
  return (
    <WayIn title={m.phone_title()} foot={<Foot />}>
      <PhoneForm onDone={onDone} />
    </WayIn>
  );
}

function Foot() {
  const { signOut } = useSession();
  const me = useMe();
  return (
    <>
      <span>{me.name}</span>
      <Button kind="quiet" size="sm" onPress={signOut}>
        {m.profile_sign_out()}
      </Button>
    </>
  );
}

function PhoneForm({ onDone }: { onDone: () => void }) {
  const me = useMe();
  const { preferences, save } = usePreferences();
  const [wish, setWish] = useState<string | null>(null);
  const [search, setSearch] = useState("");
  const { data: devices, error } = useQuery({ queryKey: ["devices", "all"], queryFn: readDevices });
  const groups = useMemo(() => phonesOf(devices ?? [], { user: me.user, primary: me.primary_device, last: preferences.desk_device, search }), [devices, me, preferences.desk_device, search]);
  const first = groups.flatMap((group) => group.phones).find((phone) => phone.id === me.primary_device) ?? groups[0]?.phones[0];
  const chosen = wish ?? (search === "" ? (first?.id ?? null) : null);
  const take = useTake(onDone);
  const auto = useRef(preferences.auto_connect);
  useEffect(() => {
    // Whoever connects by itself sits down at the last phone without being asked.
    if (!auto.current || preferences.desk_device === null || devices === undefined) return;
    auto.current = false;
    void take.run(preferences.desk_device, me.primary_device);
  }, [devices, preferences.desk_device, me.primary_device, take]);
  if (devices === undefined && error === null) return <Skeleton rows={3} height="one" label={m.phone_title()} />;
  return (
    <div className={css.form}>
      <p className={css.intro}>{m.phone_intro()}</p>
      <PhoneList groups={groups} chosen={chosen} onChoose={setWish} />
      <SearchField label={m.phone_search()} value={search} onChange={setSearch} />
      {(error ?? take.failure) !== null && <InlineError>{errorText(error ?? take.failure)}</InlineError>}
      <div className={css.actions}>
        <Button kind="primary" size="lg" wide isPending={take.isPending} reason={chosen === null ? m.phone_intro() : null} onPress={() => void take.run(chosen, me.primary_device)}>
          {m.phone_use()}
        </Button>
        <Button wide onPress={onDone}>
          {m.phone_without()}
        </Button>
        <Checkbox isSelected={preferences.auto_connect} onChange={(auto_connect) => save({ auto_connect })}>
          {m.phone_always()}
        </Checkbox>
      </div>
    </div>
  );
}

function useTake(onDone: () => void) {
  const { save } = usePreferences();
  const [isPending, setPending] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const run = async (device: string | null, mine: string | null | undefined) => {
    if (device === null) return;
    setPending(true);
    setFailure(null);
    try {
      if (device !== mine) await sitDown(device);
      save({ desk_device: device });
      onDone();
    } catch (error) {
      setFailure(error);
      setPending(false);
    }
  };
  return { run, isPending, failure };
}

interface PhoneListProps {
  groups: readonly PhoneGroup[];
  chosen: string | null;
  onChoose(id: string): void;
}

function PhoneList({ groups, chosen, onChoose }: PhoneListProps) {
  if (groups.every((group) => group.phones.length === 0)) return <p className={css.note}>{m.phone_none()}</p>;
  return (
    <RadioGroup aria-label={m.phone_title()} value={chosen} onChange={onChoose}>
      <div className={css.phones}>
        {groups.map((group) => (
          <div key={group.kind}>
            <p className={css.heading}>{groupWord(group.kind)}</p>
            {group.phones.map((phone) => (
              <Radio key={phone.id} value={phone.id} look="row">
                <PhoneWords phone={phone} />
              </Radio>
            ))}
          </div>
        ))}
      </div>
    </RadioGroup>
  );
}

function PhoneWords({ phone }: { phone: Phone }) {
  return (
    <span className={css.phone}>
      <b>{phone.number}</b>
      <span className="truncate">{phone.name}</span>
      {phone.isOffline && <span className={css.note}>{m.phone_offline()}</span>}
    </span>
  );
}

function groupWord(kind: PhoneGroup["kind"]): string {
  return kind === "mine" ? m.phone_mine() : kind === "last" ? m.phone_last() : m.phone_free();
}
