package dev.muster.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What the simulator was told is on disk: by asset and kind, what acknowledged messages said.
 *
 * <p>One line for each moment, asset, ts, kind and hash parted by tabs; the last line may be torn and is then left out.
 */
record AckedLog(Map<String, Map<String, Set<Said>>> byAssetAndKind, long messages) {
    private static final int HASH_DIGITS = 16;

    /** @param hash of the simulator's {@code Content}: two with the same time and hash are the same to the last value */
    record Said(long ts, long hash) implements Comparable<Said> {
        static Said of(long ts, String hash) {
            return new Said(ts, Long.parseUnsignedLong(hash, 16));
        }

        @Override
        public int compareTo(Said other) {
            int byTime = Long.compare(ts, other.ts);
            return byTime != 0 ? byTime : Long.compare(hash, other.hash);
        }
    }

    Set<String> assets() {
        return byAssetAndKind.keySet();
    }

    static AckedLog read(Path file) throws IOException {
        Map<String, Map<String, Set<Said>>> said = new TreeMap<>();
        long messages = 0;
        try (Stream<String> lines = Files.lines(file)) {
            for (String line : (Iterable<String>) lines::iterator) {
                String[] fields = line.split("\t", -1);
                if (fields.length != 4 || fields[3].length() != HASH_DIGITS) {
                    continue;
                }
                boolean fresh = said.computeIfAbsent(fields[0], asset -> new TreeMap<>())
                        .computeIfAbsent(fields[2], kind -> new TreeSet<>())
                        .add(Said.of(Long.parseLong(fields[1]), fields[3]));
                messages += fresh ? 1 : 0;
            }
        }
        return new AckedLog(said, messages);
    }
}
