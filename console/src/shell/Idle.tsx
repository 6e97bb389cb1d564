import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { onInput } from '../api/attended';
import { ProblemError, raw, type Schemas } from '../api/client';
import { span } from '../ui/time';

/** Or half of what a login without a person lasts, where that is less. */
const WARN_S = 60;
/** Another tab may keep the login open while this one warns. */
const ASKED_WHILE_WARNING_MS = 5_000;
/** How often a person's input is told, or ten times in what a login lasts without. */
const TOLD_EVERY_MS = 60_000;

/**
 * Warns a minute before the login ends for want of a person, and keeps it open while there is one: what a screen asks by itself does not.
 * The server decides when it ends, and says so.
 */
export function Idle() {
  const [endsAt, setEndsAt] = useState<number>();
  const [now, setNow] = useState(Date.now());
  const asked = useRef(0);
  const longest = useRef(0);
  const left = endsAt === undefined ? undefined : Math.max(0, Math.round((endsAt - now) / 1000));
  const warnAt = Math.min(WARN_S, longest.current / 2);
  const warning = left !== undefined && left <= warnAt;

  const ask = useRef(async () => {
    asked.current = Date.now();
    try {
      const state = (await (await raw('GET', '/api/v1/session')).json()) as Schemas['LoginState'];
      longest.current = Math.max(longest.current, state.secondsLeft);
      setEndsAt(Date.now() + state.secondsLeft * 1000);
    } catch (error) {
      // Logged out is told to the whole console by the client; a server that does not answer is asked again.
      if (error instanceof ProblemError && error.status === 404) setEndsAt(undefined);
    } finally {
      setNow(Date.now());
    }
  }).current;

  useEffect(() => {
    void ask();
    return onInput(() => {
      if (Date.now() - asked.current > Math.min(TOLD_EVERY_MS, longest.current * 100)) void ask();
    });
  }, [ask]);
  useEffect(() => {
    if (endsAt === undefined) return;
    const timer = warning
      ? window.setInterval(() => {
          setNow(Date.now());
          if (Date.now() - asked.current > ASKED_WHILE_WARNING_MS) void ask();
        }, 1000)
      : window.setTimeout(() => void ask(), Math.max(1000, endsAt - Date.now() - warnAt * 1000));
    return () => window.clearTimeout(timer);
  }, [endsAt, warning, warnAt, ask]);

  if (!warning) return null;
  return (
    <Modal opened onClose={() => void ask()} title="Are you still there?">
      <Stack>
        <Text size="sm">Nobody has used this console for a while. You will be logged out in <b className="num">{span(left)}</b>; what is typed and not sent is lost.</Text>
        <Group justify="flex-end"><Button data-autofocus onClick={() => void ask()}>Stay logged in</Button></Group>
      </Stack>
    </Modal>
  );
}
