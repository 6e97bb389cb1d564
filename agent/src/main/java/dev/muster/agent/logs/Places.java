package dev.muster.agent.logs;

import dev.muster.agent.state.StateDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the reading of each file stands, in {@code log-places}: a line per source, and one per file with its source and numbers
 * separated by tabs. Synced, for it is what keeps lines from being lost or doubled.
 */
final class Places {
    private static final String FILE = "log-places";
    private static final int FIELDS = 8;

    private final StateDirectory state;

    Places(StateDirectory state) {
        this.state = state;
    }

    /** By name of the source, then by inode. A line that cannot be read is left out: its file is read from the start. */
    Map<String, Map<String, Tail.Place>> read() throws IOException {
        Map<String, Map<String, Tail.Place>> places = new HashMap<>();
        String text = new String(state.read(FILE).orElse(new byte[0]), StandardCharsets.UTF_8);
        for (String line : text.lines().toList()) {
            List<String> fields = List.of(line.split("\t"));
            if (fields.size() == 1) {
                places.computeIfAbsent(line, unused -> new LinkedHashMap<>());
            }
            if (fields.size() != FIELDS) {
                continue;
            }
            try {
                Tail.Head head = new Tail.Head(Integer.parseInt(fields.get(3)), Integer.parseInt(fields.get(4)));
                Tail.Place place = new Tail.Place(
                        fields.get(1),
                        fields.get(2),
                        head,
                        Long.parseLong(fields.get(5)),
                        Long.parseLong(fields.get(6)),
                        Long.parseLong(fields.get(7)));
                places.computeIfAbsent(fields.get(0), unused -> new LinkedHashMap<>())
                        .put(place.inode(), place);
            } catch (NumberFormatException e) {
                continue;
            }
        }
        return places;
    }

    void write(Map<String, Map<String, Tail.Place>> places) throws IOException {
        StringBuilder text = new StringBuilder();
        places.keySet().forEach(source -> text.append(source).append('\n'));
        places.forEach((source, files) -> files.values()
                .forEach(place -> text.append(String.join(
                                "\t",
                                source,
                                place.inode(),
                                place.name(),
                                String.valueOf(place.head().length()),
                                String.valueOf(place.head().crc()),
                                String.valueOf(place.offset()),
                                String.valueOf(place.batchEnd()),
                                String.valueOf(place.batchTs())))
                        .append('\n')));
        state.write(FILE, text.toString().getBytes(StandardCharsets.UTF_8));
    }
}
