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
 * What the simulator was told is on disk: by asset and kind, the event times of acknowledged messages.
 *
 * <p>One line a message, asset, ts, kind and hash parted by tabs; the last line may be torn and is then left out.
 */
record AckedLog(Map<String, Map<String, Set<Long>>> timesByAssetAndKind, long messages) {

    Set<String> assets() {
        return timesByAssetAndKind.keySet();
    }

    static AckedLog read(Path file) throws IOException {
        Map<String, Map<String, Set<Long>>> times = new TreeMap<>();
        long messages = 0;
        try (Stream<String> lines = Files.lines(file)) {
            for (String line : (Iterable<String>) lines::iterator) {
                String[] fields = line.split("\t", -1);
                if (fields.length != 4) {
                    continue;
                }
                boolean fresh = times.computeIfAbsent(fields[0], asset -> new TreeMap<>())
                        .computeIfAbsent(fields[2], kind -> new TreeSet<>())
                        .add(Long.parseLong(fields[1]));
                messages += fresh ? 1 : 0;
            }
        }
        return new AckedLog(times, messages);
    }
}
