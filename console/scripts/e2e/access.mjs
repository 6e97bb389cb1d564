// Every screen can be used by everybody, and runs nothing but its own scripts.
import { violations } from '../axe.mjs';

const SCREENS = ['', 'executive', 'on-call', 'health', 'assets', 'types', 'runbooks', 'alert-rules', 'silences', 'routing', 'schedules', 'gamedays', 'access', 'new/rollout', 'alerts', 'incidents', 'slos', 'drift', 'commands', 'rollouts', 'configurations', 'releases', 'readiness', 'certificates', 'claim-tokens', 'audit'];

export default async function ({ browser, api, server, token, patience, ok }) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } }); // of nobody who is logged in
  page.setDefaultTimeout(patience);
  await page.goto(`${server}/console/`);
  await page.getByPlaceholder('muster_').fill(token);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  const ran = await page.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'globalThis.inlineRan = true';
    const refused = new Promise((resolve) => document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), { once: true }));
    document.head.append(script);
    return { ran: globalThis.inlineRan === true, directive: await refused };
  });
  if (ran.ran || ran.directive !== 'script-src-elem') throw new Error(`a script in the page was not refused: ${JSON.stringify(ran)}`);
  ok('the page runs no script but its own');

  const asset = (await api('GET', 'assets?limit=1')).items[0].id;
  const one = [`assets/${asset}`, `assets/${asset}?tab=twin`, `assets/${asset}?tab=commands`];
  // What is of the scheme is of the building blocks; every screen in both is looked at by AXE=1 npm run screenshots.
  for (const [colorScheme, screens] of [['light', [...SCREENS, ...one]], ['dark', ['', 'assets', 'alerts', ...one]]]) {
    await page.emulateMedia({ colorScheme });
    for (const screen of screens) {
      await page.goto(`${server}/console/${screen}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.locator('.mantine-Loader-root').first().waitFor({ state: 'detached' });
      const shut = await violations(page);
      if (shut.length > 0) throw new Error(`/console/${screen}, ${colorScheme}, shuts people out:\n${shut.join('\n')}`);
    }
  }
  ok('axe-core finds nothing serious on any screen');
}
