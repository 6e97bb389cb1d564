package dev.muster.gateway.signal;

import java.util.ArrayList;
import java.util.List;

/** Spans as one entry of the journal. */
public record SpanBatch(List<Span> spans) {
    private static final int VERSION = 1;

    public SpanBatch {
        spans = List.copyOf(spans);
    }

    /** Entries of at most about so many bytes. */
    public static List<byte[]> encode(List<Span> spans, int bytesEach) {
        List<byte[]> entries = new ArrayList<>();
        int from = 0;
        while (from < spans.size()) {
            int to = from;
            int bytes = 0;
            while (to < spans.size() && (bytes == 0 || bytes < bytesEach)) {
                bytes += weight(spans.get(to++));
            }
            entries.add(write(spans.subList(from, to)));
            from = to;
        }
        return entries;
    }

    private static int weight(Span span) {
        return 80
                + span.name().length()
                + span.statusMessage().length()
                + span.service().length()
                + span.attributes().length()
                + span.resource().length()
                + span.events().length()
                + span.links().length();
    }

    private static byte[] write(List<Span> spans) {
        var out = new Writing();
        out.number(VERSION).number(spans.size());
        for (Span span : spans) {
            out.fixed(span.traceHigh()).fixed(span.traceLow()).fixed(span.id()).fixed(span.parent());
            out.text(span.name()).number(span.kind()).number(span.startNanos()).number(span.endNanos());
            out.number(span.status()).text(span.statusMessage()).text(span.service());
            out.text(span.attributes())
                    .text(span.resource())
                    .text(span.events())
                    .text(span.links());
        }
        return out.bytes();
    }

    /** @throws IllegalArgumentException when the bytes are none of ours */
    public static SpanBatch decode(byte[] bytes) {
        var in = new Reading(bytes, VERSION);
        List<Span> spans = new ArrayList<>();
        for (int i = in.count(); i > 0; i--) {
            spans.add(new Span(
                    in.fixed(),
                    in.fixed(),
                    in.fixed(),
                    in.fixed(),
                    in.text(),
                    (int) in.number(),
                    in.number(),
                    in.number(),
                    (int) in.number(),
                    in.text(),
                    in.text(),
                    in.text(),
                    in.text(),
                    in.text(),
                    in.text()));
        }
        return new SpanBatch(spans);
    }
}
