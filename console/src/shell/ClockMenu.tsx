import { ActionIcon, Menu, Text, Tooltip } from '@mantine/core';
import { IconCheck, IconClockHour4 } from '@tabler/icons-react';
import { MenuChoice } from '../ui/menuchoice';
import { BROWSER_ZONE, CLOCKS, showClock, useAssetZone, useClock, useZone, type Clock } from '../ui/zone';

const NAMES: Record<Clock, string> = { browser: 'This browser', UTC: 'UTC', asset: 'The asset’s own' };

/** By whose clock moments are shown everywhere; remembered in this browser. */
export function ClockMenu() {
  const clock = useClock();
  const zone = useZone();
  const ofAsset = useAssetZone();
  const notes: Record<Clock, string> = { browser: BROWSER_ZONE, UTC: '', asset: ofAsset ?? 'by its label timezone; else this browser’s' };
  return (
    <Menu position="bottom-end" width={270}>
      <Menu.Target>
        <Tooltip label={`Moments are shown by the clock of ${zone}`}>
          <ActionIcon variant="subtle" color="gray" aria-label={`clock: ${NAMES[clock]}, ${zone}`}>
            <IconClockHour4 size={18} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Moments by the clock of</Menu.Label>
        {CLOCKS.map((each) => (
          <Menu.Item
            key={each}
            component={MenuChoice}
            aria-checked={each === clock}
            leftSection={each === clock ? <IconCheck size={16} aria-hidden /> : <span style={{ display: 'inline-block', width: 16 }} />}
            onClick={() => showClock(each)}
          >
            {NAMES[each]}
            {notes[each] !== '' && <Text size="xs" c="dimmed">{notes[each]}</Text>}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
