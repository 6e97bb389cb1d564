package dev.muster.agent;

import dev.muster.agent.budget.Budget;
import dev.muster.agent.buffer.DiskBuffer;
import dev.muster.agent.session.LinkFigures;
import dev.muster.agent.state.StateDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** How a running agent stands, in {@code status} of its state directory: a line {@code key: value} for each thing. */
final class Status {
    private static final String FILE = "status";
    private static final String CONNECTED = "connected since";
    private static final String NOTED_AT = "noted at";

    private final Map<String, String> lines;

    private Status(Map<String, String> lines) {
        this.lines = lines;
    }

    Status(
            Instant now,
            long pid,
            String version,
            Instant startedAt,
            String asset,
            String certificate,
            String releases,
            String keyHome,
            String server,
            LinkFigures.Snapshot link,
            DiskBuffer.Fill fill,
            Budget.Usage usage,
            boolean shedding) {
        this(new LinkedHashMap<>());
        lines.put("asset", asset);
        lines.put("agent", version + ", process " + pid + ", started " + startedAt);
        lines.put("certificate", certificate);
        lines.put("releases", releases);
        lines.put("key", keyHome);
        lines.put("server", server);
        if (link.connectedSince() != null) {
            lines.put(CONNECTED, link.connectedSince().toString());
        } else {
            lines.put(
                    "not connected since",
                    link.disconnectedSince() + (link.lastEnd().isEmpty() ? "" : ": " + link.lastEnd()));
        }
        lines.put(
                "sent",
                link.stored() + " messages stored, " + link.refused() + " refused, " + link.bytesSent() + " bytes, "
                        + link.sessions() + " sessions");
        if (!link.lastRefusal().isEmpty()) {
            lines.put("last refused", link.lastRefusal());
        }
        lines.put("buffer", fill.entries() + " messages, " + fill.bytes() + " of " + fill.maxBytes() + " bytes");
        lines.put(
                "memory",
                usage.memoryBytes() + " bytes, processor " + Math.round(usage.cpuShare() * 1000) / 10.0 + "%"
                        + (shedding ? ", sheds work to keep its budget" : ""));
        lines.put(NOTED_AT, now.toString());
    }

    /** Not synced: it is old at the next start anyway. */
    void write(StateDirectory state) throws IOException {
        StringBuilder text = new StringBuilder();
        lines.forEach((key, value) ->
                text.append(key).append(": ").append(value.replace('\n', ' ')).append('\n'));
        Path beside = state.path().resolve(FILE + ".new");
        Files.writeString(beside, text);
        Files.move(beside, state.path().resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
    }

    static Optional<Status> read(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (!Files.isReadable(file)) {
            return Optional.empty();
        }
        Map<String, String> lines = new LinkedHashMap<>();
        for (String line :
                Files.readString(file, StandardCharsets.UTF_8).lines().toList()) {
            int colon = line.indexOf(": ");
            if (colon > 0) {
                lines.put(line.substring(0, colon), line.substring(colon + 2));
            }
        }
        return Optional.of(new Status(lines));
    }

    boolean connected() {
        return lines.containsKey(CONNECTED);
    }

    String print(boolean runs) {
        StringBuilder text = new StringBuilder();
        if (!runs) {
            text.append("the agent does not run; it was last seen like this:\n");
        }
        lines.forEach((key, value) -> text.append("%-20s %s%n".formatted(key, value)));
        return text.toString().stripTrailing();
    }
}
