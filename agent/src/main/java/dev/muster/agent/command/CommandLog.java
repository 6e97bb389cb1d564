package dev.muster.agent.command;

import dev.muster.agent.state.StateDirectory;
import dev.muster.protocol.Uplink.CommandResult.Status;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The ids of commands and what became of them, in {@code commands.log}: a line is appended and synced before a command is
 * carried out, and another one after it. A torn last line was never acted upon, and is cut off. The oldest are forgotten beyond
 * a bound: the server gives a command again only while it has no result.
 */
final class CommandLog implements AutoCloseable {
    static final int MAX_COMMANDS = 500;
    private static final int MAX_LINES = 4 * MAX_COMMANDS;
    private static final String FILE = "commands.log";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final StateDirectory directory;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    /** Not a channel: that would be closed for everybody when a thread is interrupted in it. */
    private FileOutputStream out;

    private int lines;

    /**
     * @param bootId of the kernel when it was begun
     * @param status null as long as it is being carried out
     */
    record Entry(
            String id,
            String name,
            String bootId,
            @Nullable Status status,
            @Nullable JsonNode detail) {
        Entry ended(Status how, @Nullable JsonNode with) {
            return new Entry(id, name, bootId, how, with);
        }
    }

    private CommandLog(StateDirectory directory, FileOutputStream out) {
        this.directory = directory;
        this.out = out;
    }

    static CommandLog open(StateDirectory directory) throws IOException {
        byte[] content = directory.read(FILE).orElse(new byte[0]);
        Map<String, Entry> entries = new LinkedHashMap<>();
        int begin = 0;
        for (int i = 0; i < content.length; i++) {
            if (content[i] == '\n') {
                entry(new String(content, begin, i - begin, StandardCharsets.UTF_8))
                        .ifPresent(entry -> {
                            entries.remove(entry.id());
                            entries.put(entry.id(), entry);
                        });
                begin = i + 1;
            }
        }
        CommandLog log = new CommandLog(directory, rewritten(directory, entries));
        log.entries.putAll(entries);
        log.lines = entries.size();
        return log;
    }

    /** Empty when the line is not what was written: the others still hold. */
    private static Optional<Entry> entry(String line) {
        try {
            JsonNode node = JSON.readTree(line);
            JsonNode status = node.get("status");
            return Optional.of(new Entry(
                    node.required("id").stringValue(),
                    node.required("name").stringValue(),
                    node.required("bootId").stringValue(),
                    status == null ? null : Status.valueOf(status.stringValue()),
                    node.get("detail")));
        } catch (JacksonException | IllegalArgumentException e) {
            System.getLogger(CommandLog.class.getName())
                    .log(System.Logger.Level.ERROR, "a line of state file " + FILE + " is damaged: " + e.getMessage());
            return Optional.empty();
        }
    }

    private static FileOutputStream rewritten(StateDirectory directory, Map<String, Entry> entries) throws IOException {
        StringBuilder text = new StringBuilder();
        entries.values().forEach(entry -> text.append(line(entry)));
        directory.write(FILE, text.toString().getBytes(StandardCharsets.UTF_8));
        return new FileOutputStream(directory.path().resolve(FILE).toFile(), true);
    }

    synchronized @Nullable Entry find(String id) {
        return entries.get(id);
    }

    synchronized List<Entry> unfinished() {
        return entries.values().stream().filter(entry -> entry.status() == null).toList();
    }

    /** When this returns, the entry survives a power loss. */
    synchronized void put(Entry entry) throws IOException {
        out.write(line(entry).getBytes(StandardCharsets.UTF_8));
        out.getFD().sync();
        entries.remove(entry.id());
        entries.put(entry.id(), entry);
        if (++lines > MAX_LINES || entries.size() > 2 * MAX_COMMANDS) {
            forgetOldest();
        }
    }

    private void forgetOldest() throws IOException {
        for (Entry entry : new ArrayList<>(entries.values())) {
            if (entries.size() > MAX_COMMANDS && entry.status() != null) {
                entries.remove(entry.id());
            }
        }
        FileOutputStream old = out;
        out = rewritten(directory, entries);
        lines = entries.size();
        old.close();
    }

    private static String line(Entry entry) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("id", entry.id());
        node.put("name", entry.name());
        node.put("bootId", entry.bootId());
        if (entry.status() != null) {
            node.put("status", entry.status().name());
        }
        if (entry.detail() != null) {
            node.set("detail", entry.detail());
        }
        return JSON.writeValueAsString(node) + "\n";
    }

    @Override
    public synchronized void close() throws IOException {
        out.close();
    }
}
