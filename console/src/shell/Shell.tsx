import {
  ActionIcon,
  Anchor,
  AppShell,
  Burger,
  Group,
  Menu,
  NavLink,
  ScrollArea,
  Text,
  Tooltip,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconLogout, IconMoon, IconPlugConnected, IconPlugConnectedX, IconSearch, IconSun, IconUser } from '@tabler/icons-react';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { Fragment } from 'react';
import { useLive } from '../api/stream';
import { useClock } from '../ui/zone';
import { ClockMenu } from './ClockMenu';
import { Keys } from './Keys';
import { SCREENS, entryOf } from './screens';
import { leave, useMe } from './Session';

/** The frame around every screen: where one is, where one can go, who one is, whether it is live. */
export function Shell() {
  const [open, { toggle, close }] = useDisclosure(false);
  const palette = useDisclosure(false);
  const clock = useClock(); // every moment on the screen is written anew by another clock
  const entry = useRouterState({ select: ({ location }) => entryOf(location.pathname, (location.search as { view?: string }).view) });
  return (
    <AppShell header={{ height: 52 }} navbar={{ width: 212, breakpoint: 'sm', collapsed: { mobile: !open } }} padding="md">
      <a href="#screen" className="skip">Skip to the screen</a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={open} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="menu" />
            <Anchor component={Link} to="/" underline="never" c="inherit" onClick={close}>
              <Group gap={8} wrap="nowrap">
                <img src="/console/muster.svg" alt="" width={26} height={26} />
                <Text fw={700} size="lg">Muster</Text>
              </Group>
            </Anchor>
          </Group>
          <Group gap={6} wrap="nowrap">
            <Live />
            <Tooltip label="Go to… (Ctrl K)">
              <ActionIcon variant="subtle" color="gray" aria-label="go to a screen or an asset" aria-keyshortcuts="Control+K Meta+K" onClick={palette[1].open}>
                <IconSearch size={18} />
              </ActionIcon>
            </Tooltip>
            <ClockMenu />
            <Scheme />
            <Account />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs">
        <ScrollArea>
          <nav aria-label="screens">
            {SCREENS.map((group) => (
              <div key={group.title}>
                <Text size="xs" c="dimmed" fw={600} px="sm" pt="xs" pb={2}>{group.title}</Text>
                {group.screens.map((screen) => {
                  const here = screen.to === entry;
                  return (
                    <NavLink
                      key={screen.to}
                      component={Link}
                      to={screen.to}
                      activeOptions={{ exact: true, includeSearch: true }}
                      label={screen.title}
                      leftSection={<screen.icon size={17} aria-hidden />}
                      active={here}
                      {...(here ? { 'aria-current': 'page' as const } : {})}
                      onClick={close}
                      py={4}
                      styles={{ root: { borderRadius: 'var(--mantine-radius-sm)' } }}
                    />
                  );
                })}
              </div>
            ))}
          </nav>
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main id="screen" tabIndex={-1}>
        <Fragment key={clock}><Outlet /></Fragment>
      </AppShell.Main>
      <Keys palette={palette} />
    </AppShell>
  );
}

function Live() {
  const live = useLive();
  const Icon = live ? IconPlugConnected : IconPlugConnectedX;
  return (
    <Tooltip label={live ? 'The server tells of changes as they happen' : 'No connection for live changes; trying again'}>
      <Group gap={4} c={live ? 'teal' : 'red'} px={6} role="status" wrap="nowrap">
        <Icon size={17} aria-hidden />
        <Text size="xs" visibleFrom="xs">{live ? 'live' : 'not live'}</Text>
      </Group>
    </Tooltip>
  );
}

function Scheme() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={dark ? 'light colours' : 'dark colours'}
      onClick={() => setColorScheme(dark ? 'light' : 'dark')}
    >
      {dark ? <IconSun size={18} /> : <IconMoon size={18} />}
    </ActionIcon>
  );
}

function Account() {
  const me = useMe();
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`account of ${me.name}`}>
          <IconUser size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {me.name} · {me.role}
          {me.scope ? ` · ${me.scope}` : ' · all assets'}
        </Menu.Label>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void leave(false)}>Log out</Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void leave(true)}>Log out everywhere</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
