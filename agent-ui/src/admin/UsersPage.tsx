import { useQuery } from "@tanstack/react-query";
import { Plus, Users } from "lucide-react";
import { useMemo, useState } from "react";
import { drawers } from "../app/drawers";
import { Page } from "../app/Page";
import { m } from "../i18n/generated/messages.js";
import { Button } from "../ui/Button/Button";
import { Empty } from "../ui/Empty/Empty";
import { SearchField } from "../ui/Field/Field";
import { Pane } from "../ui/Pane/Pane";
import { Cell, Column, Row, Table, TableBody, TableHead } from "../ui/Table/Table";
import { extensionsQuery, usersQuery } from "./data/queries";
import type { UserView } from "../api/types";
import { Loaded } from "./parts/Loaded";
import parts from "./parts/parts.module.css";
import { useNarrow } from "./parts/useNarrow";
import { showTools } from "./parts/showTools";
import { useSearchText } from "./parts/useSearchText";
import { plain } from "./people/rows";
import { NewPerson } from "./users/NewPerson";
import { UserEditor } from "./users/UserEditor";
import { roleName } from "./users/words";

/** Who may sign in, and what each person may do. */
export function UsersPage() {
  const [place, goTo] = useSearchText("user");
  const [text, setText] = useState("");
  const [adding, setAdding] = useState(false);
  const query = useQuery(usersQuery);
  const show = (user: string) => {
    goTo({ user });
    showTools();
  };
  const chosen = place.user ?? null;
  return (
    <Page
      title={m.admin_users()}
      widths={{ tools: 440 }}
      toolsLabel={m.admin_user()}
      stage={(
        <Pane
          title={m.admin_users()}
          note={query.data && String(query.data.items.length)}
          head="admin"
          actions={<Button icon={<Plus aria-hidden />} onPress={() => setAdding(true)}>{m.admin_add()}</Button>}
          toolbar={<SearchField aria-label={m.admin_users_search()} placeholder={m.admin_users_search()} value={text} onChange={setText} />}
        >
          <Loaded query={query} title={m.admin_users_unread()}>
            {({ items }) => <UserTable users={items} text={text} chosen={chosen} onChoose={show} />}
          </Loaded>
          {adding && <NewPerson suggested="" taken={query.data?.items ?? []} onClose={() => setAdding(false)} onMade={(user) => goTo({ user: user.id })} />}
        </Pane>
      )}
      tools={chosen === null
        ? <Pane title={m.admin_user()} head="admin" ground="canvas"><Empty icon={<Users />} title={m.admin_user_pick()}>{m.admin_user_pick_text()}</Empty></Pane>
        : <UserEditor key={chosen} id={chosen} onClose={() => { goTo({ user: undefined }); drawers.close(); }} />}
    />
  );
}

function UserTable({ users, text, chosen, onChoose }: { users: readonly UserView[]; text: string; chosen: string | null; onChoose: (id: string) => void }) {
  const lines = useQuery(extensionsQuery);
  const width = useNarrow();
  const rows = useMemo(() => {
    const wanted = plain(text.trim());
    const fits = (user: UserView) => !user.removed_at && plain(`${user.name} ${user.login} ${user.team ?? ""}`).includes(wanted);
    return users.filter(fits).toSorted((one, two) => one.name.localeCompare(two.name));
  }, [users, text]);
  const lineOf = (user: string) => lines.data?.items.filter((row) => row.user === user).map((row) => row.extension).join(", ") || "–";
  return (
    <Table
      label={m.admin_users()}
      selectionMode="single"
      selectionBehavior="replace"
      selectedKeys={chosen === null ? [] : [chosen]}
      onSelectionChange={(keys) => { if (keys !== "all") for (const key of keys) onChoose(String(key)); }}
    >
      <TableHead>
        <Column id="name" isRowHeader span="30%">{m.admin_full_name()}</Column>
        <Column id="login" span="18%">{m.admin_login()}</Column>
        {width !== "small" && <Column id="roles" span="26%">{m.admin_roles()}</Column>}
        <Column id="line">{m.admin_column_extension()}</Column>
        {width === "wide" && <Column id="team" span="20%">{m.admin_team()}</Column>}
        <Column id="active">{m.admin_column_sign_in()}</Column>
      </TableHead>
      <TableBody items={rows} dependencies={[lines.data, width]} renderEmptyState={() => <Empty icon={<Users />} title={m.admin_nothing_found()}>{m.admin_nothing_found_text()}</Empty>}>
        {(user: UserView) => (
          <Row id={user.id}>
            <Cell truncate><span className={parts.strong}>{user.name}</span></Cell>
            <Cell truncate>{user.login}</Cell>
            {width !== "small" && <Cell truncate>{user.roles.map(roleName).join(", ") || "–"}</Cell>}
            <Cell>{lineOf(user.id)}</Cell>
            {width === "wide" && <Cell truncate>{user.team ?? "–"}</Cell>}
            <Cell>{user.active ? m.admin_yes() : m.admin_no()}</Cell>
          </Row>
        )}
      </TableBody>
    </Table>
  );
}
