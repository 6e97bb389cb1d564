import { Tabs } from '@mantine/core';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Page } from '../../shell/Page';
import { useMe } from '../../shell/Session';
import { called } from '../../ui/words';
import { Logins } from './Logins';
import { Roles } from './Roles';
import { Tokens } from './Tokens';

const route = getRouteApi('/access');
const TABS = [['tokens', 'Tokens', Tokens], ['roles', 'Roles', Roles], ['logins', 'Logins', Logins]] as const;

/** Who may use the API and this console, and what for. */
export default function Access() {
  const me = useMe();
  const { tab } = route.useSearch();
  const navigate = useNavigate({ from: '/access' });
  const chosen = TABS.find(([key]) => key === tab)?.[0] ?? 'tokens';
  return (
    <Page title="Access" note={<>you are <b title={me.name}>{called(me.name)}</b>, {me.role}, of {me.scope ? <code>{me.scope}</code> : 'all assets'}</>}>
      <Tabs value={chosen} onChange={(next) => void navigate({ search: next === null || next === 'tokens' ? {} : { tab: next }, replace: true })} keepMounted={false}>
        <Tabs.List>{TABS.map(([key, title]) => <Tabs.Tab key={key} value={key}>{title}</Tabs.Tab>)}</Tabs.List>
        {TABS.map(([key, , Content]) => <Tabs.Panel key={key} value={key} pt="md"><Content /></Tabs.Panel>)}
      </Tabs>
    </Page>
  );
}
