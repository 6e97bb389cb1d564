import { useNavigate } from '@tanstack/react-router';
import { Page } from '../../shell/Page';
import { yaml } from '../../ui/yaml';
import { ConfigurationEditor } from './ConfigurationEditor';

const EXAMPLE = yaml({
  apiVersion: 'muster.dev/v1',
  kind: 'Configuration',
  metadata: { name: 'my-configuration' },
  spec: { target: { group: 'my-group' }, precedence: 100, conflict: 'enforce', config: { interval: 60 } },
});

/** Writes a configuration from an example. */
export default function NewConfiguration() {
  const navigate = useNavigate();
  return (
    <Page title="New configuration" note="what is desired of a group, or of one asset; values above those of the type">
      <ConfigurationEditor before={undefined} initial={EXAMPLE} onClose={() => void navigate({ to: '/configurations' })} />
    </Page>
  );
}
