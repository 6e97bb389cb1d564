package dev.muster.gateway.signal;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Samples as one entry of the journal. */
public record SampleBatch(List<Sample> samples) {
    private static final int VERSION = 1;

    public SampleBatch {
        samples = List.copyOf(samples);
    }

    /** @param ts milliseconds since the epoch, 0 when the sender gave none and the receive time stands in */
    public record Sample(Series series, long ts, double value) {}

    /** Entries of at most about so many bytes; a series is written once in each. */
    public static List<byte[]> encode(List<Sample> samples, int bytesEach) {
        List<byte[]> entries = new ArrayList<>();
        int from = 0;
        while (from < samples.size()) {
            Map<Series, Integer> index = new IdentityHashMap<>();
            List<Series> series = new ArrayList<>();
            int bytes = 0;
            int to = from;
            while (to < samples.size() && (bytes == 0 || bytes < bytesEach)) {
                Series one = samples.get(to).series();
                if (index.putIfAbsent(one, series.size()) == null) {
                    series.add(one);
                    bytes += weight(one);
                }
                bytes += 16;
                to++;
            }
            entries.add(write(series, index, samples.subList(from, to)));
            from = to;
        }
        return entries;
    }

    private static int weight(Series series) {
        int bytes = series.name().length() + series.unit().length() + 8;
        for (Map.Entry<String, String> label : series.labels().entrySet()) {
            bytes += (label.getKey().length() + label.getValue().length()) * 2 + 4;
        }
        return bytes;
    }

    private static byte[] write(List<Series> series, Map<Series, Integer> index, List<Sample> samples) {
        var out = new Writing();
        out.number(VERSION).number(series.size());
        for (Series each : series) {
            out.text(each.name()).text(each.unit()).number(each.kind().ordinal());
            out.number(each.labels().size());
            each.labels().forEach((name, value) -> out.text(name).text(value));
        }
        out.number(samples.size());
        for (Sample sample : samples) {
            out.number(Objects.requireNonNull(index.get(sample.series())))
                    .number(sample.ts())
                    .real(sample.value());
        }
        return out.bytes();
    }

    /** @throws IllegalArgumentException when the bytes are none of ours */
    public static SampleBatch decode(byte[] bytes) {
        var in = new Reading(bytes, VERSION);
        List<Series> series = new ArrayList<>();
        for (int i = in.count(); i > 0; i--) {
            String name = in.text();
            String unit = in.text();
            Series.Kind kind = Series.Kind.values()[in.count()];
            Map<String, String> labels = new TreeMap<>();
            for (int l = in.count(); l > 0; l--) {
                labels.put(in.text(), in.text());
            }
            series.add(new Series(name, labels, kind, unit));
        }
        List<Sample> samples = new ArrayList<>();
        for (int i = in.count(); i > 0; i--) {
            samples.add(new Sample(series.get(in.count()), in.number(), in.real()));
        }
        return new SampleBatch(samples);
    }
}
