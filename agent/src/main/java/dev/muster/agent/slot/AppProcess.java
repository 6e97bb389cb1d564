package dev.muster.agent.slot;

import dev.muster.agent.process.Leader;
import dev.muster.agent.process.OwnedProcesses;
import dev.muster.agent.process.Program;
import dev.muster.agent.slot.AppDefinition.Probe;
import dev.muster.agent.state.StateDirectory;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The processes of one application. They outlive the agent: what runs is found again by the note that was taken of its first
 * process, and what runs without such a note by its environment. Their output goes to a file, so that they do not need the
 * agent to read it. Not safe for several threads.
 */
final class AppProcess {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Path SETSID = Path.of("/usr/bin/setsid");
    private static final long MAX_LOG_BYTES = 4L << 20;
    private static final int PROBE_MILLIS = 10_000;

    private final StateDirectory state;
    private final String note;
    private final String component;
    private final Path folder;
    private final String owner;
    private final CrashPoint.Observer crashes;
    private @Nullable Process child;

    AppProcess(StateDirectory state, String component, Path folder, CrashPoint.Observer crashes) {
        this.state = state;
        this.note = SlotStore.FOLDER + "/" + component + ".run.json";
        this.component = component;
        this.folder = folder;
        this.owner = "app " + component + " of " + state.path();
        this.crashes = crashes;
    }

    Path slot(Slot slot) {
        return folder.resolve(slot.folder());
    }

    /** Whether the program in this slot runs, as the agent has started it. */
    boolean runs(Slot slot) throws IOException {
        return noted().filter(noted -> noted.slot() == slot && noted.leader().runs())
                .isPresent();
    }

    /** Nothing of the application runs. */
    boolean idle() {
        return OwnedProcesses.of(owner).isEmpty();
    }

    /** @throws IOException when it cannot be started; nothing of the application runs before */
    void start(Slot slot, AppDefinition definition, String version) throws IOException {
        Files.createDirectories(folder.resolve("data"));
        Process started = Program.builder(argv(slot, definition.start()), owner, environment(slot, version))
                .directory(slot(slot).toFile())
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
        crashes.passed(CrashPoint.STARTED_AND_NOT_NOTED);
        child = started;
        Optional<Leader> leader = Leader.of(started.pid());
        if (leader.isPresent()) {
            take(new Noted(leader.get(), slot));
        }
    }

    /** In a session of its own where possible: what ends the agent's terminal must not end the application. */
    private List<String> argv(Slot slot, List<String> words) {
        List<String> argv = new ArrayList<>();
        if (Files.isExecutable(SETSID)) {
            argv.add(SETSID.toString());
        }
        argv.addAll(resolved(slot, words));
        return argv;
    }

    private List<String> resolved(Slot slot, List<String> words) {
        List<String> argv = new ArrayList<>(words);
        if (argv.getFirst().startsWith("./")) {
            argv.set(0, slot(slot).resolve(argv.getFirst()).normalize().toString());
        }
        return argv;
    }

    private Map<String, String> environment(Slot slot, String version) {
        return Map.of(
                "MUSTER_COMPONENT", component,
                "MUSTER_VERSION", version,
                "MUSTER_SLOT", slot(slot).toString(),
                "MUSTER_DATA", folder.resolve("data").toString(),
                "MUSTER_CONFIG", folder.resolveSibling("config.json").toString());
    }

    /** @return what cannot be ended; empty when nothing runs any more */
    Optional<String> end(Duration grace) throws IOException, InterruptedException {
        List<Long> left = OwnedProcesses.end(owner, grace);
        Optional<Noted> noted = noted().filter(each -> each.leader().runs()); // it may have cleared its environment
        if (noted.isPresent()) {
            ProcessHandle.of(noted.get().leader().pid()).ifPresent(ProcessHandle::destroyForcibly);
            for (int i = 0; i < 100 && noted.get().leader().runs(); i++) {
                Thread.sleep(50);
            }
            if (noted.get().leader().runs()) {
                left = List.of(noted.get().leader().pid());
            }
        }
        if (!left.isEmpty()) {
            return Optional.of("processes " + left + " of " + component + " do not end");
        }
        child = null;
        state.delete(note);
        return Optional.empty();
    }

    /** How the program has ended, with its last words; empty while it runs. */
    Optional<String> ended(Slot slot) throws IOException, InterruptedException {
        if (runs(slot)) {
            return Optional.empty();
        }
        Process process = child; // its code is known moments after it is gone
        String how = process != null && process.waitFor(1, TimeUnit.SECONDS)
                ? "it ended with " + process.exitValue()
                : "it ended";
        String last = lastLine();
        return Optional.of(last.isEmpty() ? how : how + ": " + last);
    }

    /** What is wrong by its health check; empty when nothing is. */
    Optional<String> probe(Slot slot, AppDefinition.Health health, String version) throws InterruptedException {
        return switch (health.probe()) {
            case Probe.Alive() -> Optional.empty();
            case Probe.Exec(List<String> argv) -> exec(slot, argv, health, version);
            case Probe.Http(URI url) -> get(url);
        };
    }

    private Optional<String> exec(Slot slot, List<String> argv, AppDefinition.Health health, String version)
            throws InterruptedException {
        Duration timeout =
                health.interval().compareTo(Duration.ofSeconds(10)) > 0 ? health.interval() : Duration.ofSeconds(10);
        try {
            Program.Ended ended =
                    new Program(resolved(slot, argv), slot(slot), environment(slot, version), timeout).run();
            return ended.succeeded() ? Optional.empty() : Optional.of("its health check " + ended.why(timeout));
        } catch (IOException e) {
            return Optional.of("its health check cannot be run: " + e.getMessage());
        }
    }

    private static Optional<String> get(URI url) {
        try {
            HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection();
            try {
                connection.setConnectTimeout(PROBE_MILLIS);
                connection.setReadTimeout(PROBE_MILLIS);
                connection.setInstanceFollowRedirects(false);
                int status = connection.getResponseCode();
                return status / 100 == 2 ? Optional.empty() : Optional.of(url + " answered " + status);
            } finally {
                connection.disconnect();
            }
        } catch (IOException e) {
            return Optional.of(url + " does not answer: " + e.getMessage());
        }
    }

    Path log() {
        return folder.resolve("log");
    }

    /** The output does not grow without bound: what is old is at most one file of the same size. */
    void boundLog() throws IOException {
        if (!Files.exists(log()) || Files.size(log()) <= MAX_LOG_BYTES) {
            return;
        }
        Files.copy(log(), folder.resolve("log.1"), StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel channel = FileChannel.open(log(), StandardOpenOption.WRITE)) {
            channel.truncate(0); // the program appends, so it goes on at the new end
        }
    }

    private String lastLine() throws IOException {
        if (!Files.exists(log())) {
            return "";
        }
        try (RandomAccessFile file = new RandomAccessFile(log().toFile(), "r")) {
            byte[] tail = new byte[(int) Math.min(1024, file.length())];
            file.seek(file.length() - tail.length);
            file.readFully(tail);
            String text = new String(tail, StandardCharsets.UTF_8).strip();
            String line = text.substring(text.lastIndexOf('\n') + 1).replaceAll("\\p{Cntrl}", "?");
            return line.length() <= 200 ? line : line.substring(0, 200) + "…";
        }
    }

    /** @param slot from which it was started */
    private record Noted(Leader leader, Slot slot) {}

    private void take(Noted noted) throws IOException {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("pid", noted.leader().pid());
        node.put("startTicks", noted.leader().startTicks());
        node.put("bootId", noted.leader().bootId());
        node.put("slot", noted.slot().name());
        state.write(note, JSON.writeValueAsBytes(node));
    }

    /** A note that cannot be read is none: then what runs is ended and started anew. */
    private Optional<Noted> noted() throws IOException {
        byte[] bytes = state.read(note).orElse(null);
        if (bytes == null) {
            return Optional.empty();
        }
        try {
            JsonNode node = JSON.readTree(bytes);
            return Optional.of(new Noted(
                    new Leader(
                            node.required("pid").longValue(),
                            node.required("startTicks").longValue(),
                            node.required("bootId").stringValue()),
                    Slot.valueOf(node.required("slot").stringValue())));
        } catch (JacksonException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
