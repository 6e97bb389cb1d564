package dev.muster.agent.logs;

import dev.muster.agent.link.Outbound;
import dev.muster.agent.state.StateDirectory;
import dev.muster.protocol.Uplink;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Sends the lines of log files: each at least once, and with {@code ts} and offset the same whenever it is sent again, so that
 * the server keeps it once. Before lines are sent, it is noted which and when; only the next note says that they were. Used by
 * one thread.
 */
public final class LogShipper implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(LogShipper.class.getName());
    private static final int MAX_BYTES_PER_POLL = 256 * 1024;
    private static final int MAX_RECORDS = 200;
    /** In JSON a byte may become six, and a message has 256 KiB. */
    private static final int MAX_MESSAGE_BYTES = 32 * 1024;
    /** A line that says a time further away than this does not know it. */
    private static final Duration BELIEVED_AGE = Duration.ofDays(7);

    private static final Duration BELIEVED_FUTURE = Duration.ofMinutes(5);

    private final Outbound outbound;
    private final Places places;
    private final ZoneId zone;
    private final Map<String, Source> sources = new LinkedHashMap<>();
    private Map<String, Map<String, Tail.Place>> earlier;
    private boolean filesChanged;

    public LogShipper(StateDirectory state, Outbound outbound, ZoneId zone) throws IOException {
        this.outbound = outbound;
        this.places = new Places(state);
        this.zone = zone;
        this.earlier = places.read();
    }

    private static final class Source {
        private LogSource definition;
        private final Map<String, Tail> tails = new LinkedHashMap<>();
        private boolean met;
        private double allowance;

        Source(LogSource definition) {
            this.definition = definition;
        }
    }

    /** From now on these; a source that stays goes on where it is. */
    public void follow(List<LogSource> wanted) {
        Map<String, Source> before = new HashMap<>(sources);
        sources.clear();
        for (LogSource definition : wanted) {
            Source source = before.remove(definition.name());
            if (source == null) {
                source = new Source(definition);
            }
            source.definition = definition;
            sources.put(definition.name(), source);
        }
        before.values().forEach(gone -> List.copyOf(gone.tails.values()).forEach(tail -> forget(gone, tail)));
    }

    /**
     * Sends what has come since the last time.
     *
     * @param now milliseconds since 1970, for lines that say no time
     * @param passed since the last poll, by a clock that nobody sets
     */
    public void poll(long now, Duration passed) throws IOException {
        List<Shipment> shipments = new ArrayList<>();
        int bytes = MAX_BYTES_PER_POLL;
        for (Source source : sources.values()) {
            double perPoll = source.definition.linesPerSecond() * Math.max(1, passed.toMillis() / 1000.0);
            source.allowance = Math.min(perPoll, source.allowance + perPoll);
            Set<String> current = look(source);
            for (Tail tail : List.copyOf(source.tails.values())) {
                if (source.allowance < 1 || bytes <= 0) {
                    break;
                }
                boolean last = !current.contains(tail.inode());
                Tail.Batch batch = tail.next(now, (int) source.allowance, bytes, last);
                if (!batch.lines().lines().isEmpty()) {
                    shipments.add(new Shipment(source, batch));
                    source.allowance -= batch.lines().lines().size();
                    bytes -= (int)
                            Math.min(bytes, batch.lines().next() - tail.place().offset());
                }
            }
        }
        if (!shipments.isEmpty() || filesChanged) {
            note();
            shipments.forEach(this::ship);
        }
    }

    private record Shipment(Source source, Tail.Batch batch) {}

    /**
     * Opens what is new, and lets go of what was read to its end and is not there any more.
     *
     * @return the inodes of the files that are there
     */
    private Set<String> look(Source source) throws IOException {
        Map<String, Path> current = SourceFiles.current(source.definition);
        Map<String, Tail.Place> known = earlier.getOrDefault(source.definition.name(), Map.of());
        if (!source.met) {
            Set<String> missing = new HashSet<>(known.keySet());
            missing.removeAll(current.keySet());
            for (Path path : SourceFiles.rotated(source.definition, missing).values()) {
                open(source, path, known, true);
            }
        }
        for (Map.Entry<String, Path> file : current.entrySet()) {
            if (!source.tails.containsKey(file.getKey())) {
                open(source, file.getValue(), known, source.met || earlier.containsKey(source.definition.name()));
            }
        }
        if (!source.met) {
            source.met = true;
            filesChanged = true; // noted although it has no file yet: the first one is read from its start
        }
        for (Tail tail : List.copyOf(source.tails.values())) {
            if (!current.containsKey(tail.inode()) && tail.isAtEnd()) {
                forget(source, tail);
            }
        }
        return current.keySet();
    }

    /** @param fromStart for a file that came while it was looked for; what was there before anybody asked is passed over */
    private void open(Source source, Path path, Map<String, Tail.Place> known, boolean fromStart) {
        try {
            Tail tail = Tail.open(path);
            Tail.Place place = known.get(tail.inode());
            if (place != null) {
                tail.resume(place);
            } else if (!fromStart) {
                tail.skipToEnd();
            }
            source.tails.put(tail.inode(), tail);
            filesChanged = true; // noted although nothing is sent: it may be rotated before the next run looks
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot read log file {0}: {1}", path, e.getMessage());
        }
    }

    private void note() throws IOException {
        Map<String, Map<String, Tail.Place>> all = new LinkedHashMap<>(earlier);
        sources.forEach((name, source) -> {
            Map<String, Tail.Place> files = new LinkedHashMap<>();
            source.tails.values().forEach(tail -> files.put(tail.inode(), tail.place()));
            all.put(name, files);
        });
        all.keySet().retainAll(sources.keySet());
        places.write(all);
        filesChanged = false;
        earlier = all;
    }

    private void ship(Shipment shipment) {
        Tail.Batch batch = shipment.batch();
        List<Line> lines = batch.lines().lines();
        List<Uplink.LogRecord> records = new ArrayList<>();
        int bytes = 0;
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            if (!records.isEmpty()
                    && (records.size() >= MAX_RECORDS || bytes + line.text().length() > MAX_MESSAGE_BYTES)) {
                outbound.send(new Uplink.Logs(List.copyOf(records)));
                records.clear();
                bytes = 0;
            }
            if (!line.text().isBlank()) {
                // The last line is the youngest; a millisecond between two keeps their order.
                records.add(entry(shipment.source().definition, batch, line, batch.ts() - (lines.size() - 1 - i)));
                bytes += line.text().length() * 2 + 64;
            }
        }
        if (!records.isEmpty()) {
            outbound.send(new Uplink.Logs(List.copyOf(records)));
        }
        batch.tail().sent();
    }

    private Uplink.LogRecord entry(LogSource source, Tail.Batch batch, Line line, long otherwise) {
        Map<String, Object> attributes = new LinkedHashMap<>();
        attributes.put("source", source.name());
        attributes.put("file", batch.tail().name());
        attributes.put("offset", line.offset());
        if (line.cut()) {
            attributes.put("cut", true);
        }
        long said = LineFacts.millis(line.text(), zone).orElse(otherwise);
        boolean believed =
                said > batch.ts() - BELIEVED_AGE.toMillis() && said < batch.ts() + BELIEVED_FUTURE.toMillis();
        return new Uplink.LogRecord(
                believed ? said : otherwise,
                LineFacts.severity(line.text(), source.severity()),
                line.text(),
                attributes);
    }

    private static void forget(Source source, Tail tail) {
        source.tails.remove(tail.inode());
        try {
            tail.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "closing log file {0}: {1}", tail.name(), e.getMessage());
        }
    }

    /** Notes that the last lines were sent. */
    @Override
    public void close() throws IOException {
        note();
        sources.values().forEach(source -> List.copyOf(source.tails.values()).forEach(tail -> forget(source, tail)));
    }
}
