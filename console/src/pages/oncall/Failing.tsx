import { Group, Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api, data, type Schemas } from '../../api/client';
import { LinkText } from '../../ui/links';
import { absolute } from '../../ui/time';
import { words, type Failure } from './failure';

type Asset = Schemas['FailingAsset'];

export function useFailing(window: string, limit: number) {
  return useQuery({
    queryKey: ['alerts', 'failing', window, limit],
    placeholderData: keepPreviousData,
    queryFn: () => data(api.GET('/api/v1/failing-assets', { params: { query: { window, limit } } })),
    refetchInterval: 30_000,
  });
}

/** What failed of an asset, each with where to look next. */
export function Categories({ of }: { of: Asset }) {
  return (
    <Group gap="2px 10px">
      {of.categories.map((failure) => (
        <Text key={`${failure.category} ${failure.what} ${failure.how}`} size="xs" c="dimmed" title={`last ${absolute(failure.newest)}`}>
          <Category asset={of.asset} failure={failure} />
        </Text>
      ))}
    </Group>
  );
}

function Category({ asset, failure }: { asset: string; failure: Failure }) {
  const text = words(failure);
  switch (failure.category) {
    case 'command':
      return <LinkText to="/assets/$id" params={{ id: asset }} search={{ tab: 'commands' }} size="xs" c="inherit">{text}</LinkText>;
    case 'rollout':
      return <LinkText to="/rollouts/$name" params={{ name: failure.what }} search={{ tab: 'targets', asset }} size="xs" c="inherit">{text}</LinkText>;
    case 'alert':
      return <LinkText to="/alerts" search={{ asset }} size="xs" c="inherit">{text}</LinkText>;
    case 'offline':
      return <LinkText to="/assets/$id" params={{ id: asset }} search={{ tab: 'presence' }} size="xs" c="inherit">{text}</LinkText>;
    default:
      return <LinkText to="/assets/$id" params={{ id: asset }} search={{ tab: 'twin' }} size="xs" c="inherit">{text}</LinkText>;
  }
}
