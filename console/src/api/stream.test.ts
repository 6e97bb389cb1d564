import { describe, expect, it } from 'vitest';
import { frames } from './stream';

const bytes = (...chunks: string[]) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      chunks.forEach((chunk) => controller.enqueue(new TextEncoder().encode(chunk)));
      controller.close();
    },
  });

describe('the event stream', () => {
  it('is read however the network cuts it', async () => {
    const read = [];
    for await (const frame of frames(bytes(': connec', 'ted\n\nid: 7\nevent: asset.', 'created\ndata: {"position":7}\n', '\n', ': \n\nid: 9\nevent: gap\nda', 'ta: {}\n\nid: 10\ndata: lost'))) read.push(frame);
    expect(read).toEqual([
      { id: '', event: '', data: '' },
      { id: '7', event: 'asset.created', data: '{"position":7}' },
      { id: '', event: '', data: '' },
      { id: '9', event: 'gap', data: '{}' },
    ]);
  });
});
