import { UserRoundCog, X } from "lucide-react";
import { m } from "../../i18n/generated/messages.js";
import { IconButton } from "../../ui/Button/Button";
import { Empty } from "../../ui/Empty/Empty";
import { Pane } from "../../ui/Pane/Pane";
import { MappingForm } from "./MappingForm";
import type { People } from "./usePeople";

/** Beside the table: the line that was chosen. */
export function PeopleTools({ people, chosen, onClose }: { people: People; chosen: string | null; onClose: () => void }) {
  const row = people.rows.find((one) => one.key === chosen);
  if (row === undefined) {
    return (
      <Pane title={m.admin_mapping()} head="admin" ground="canvas">
        <Empty icon={<UserRoundCog />} title={m.admin_mapping_none()}>{m.admin_mapping_none_text()}</Empty>
      </Pane>
    );
  }
  return (
    <MappingForm
      key={row.key}
      row={row}
      users={people.users}
      close={<IconButton kind="quiet" icon={<X aria-hidden />} label={m.admin_close()} onPress={onClose} />}
    />
  );
}
