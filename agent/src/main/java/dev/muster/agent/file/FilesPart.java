package dev.muster.agent.file;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.agent.allowed.Allowed;
import dev.muster.agent.config.ConfigPart;
import dev.muster.agent.config.Fields;
import dev.muster.agent.file.FileManifest.Entry;
import dev.muster.agent.file.FileManifest.Stage;
import dev.muster.agent.process.Program;
import dev.muster.agent.state.AssetFacts;
import dev.muster.agent.state.StateDirectory;
import dev.muster.protocol.Severity;
import dev.muster.protocol.Uplink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The part {@code files} of the configuration: writes managed files whole or not at all, finds what was changed by hand, and
 * puts back what was there before when a file is not wanted any more.
 */
public final class FilesPart implements ConfigPart {
    private static final Duration PROGRAM_TIMEOUT = Duration.ofSeconds(30);
    private static final int MAX_ORIGINAL_BYTES = 1 << 20;
    private static final int MAX_FILES = 256;
    private static final int LONGEST_VERBATIM = 256;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    private final Allowed allowed;
    private final Supplier<AssetFacts> facts;
    private final Consumer<Uplink.Event> events;
    private final FileManifest manifest;
    private final Map<String, ManagedFile> files = new TreeMap<>();
    private final Map<String, String> told = new HashMap<>();
    private JsonNode wanted = JsonNodeFactory.instance.objectNode();

    /** @param events is told of changes by hand and their repair */
    public FilesPart(
            StateDirectory directory, Allowed allowed, Supplier<AssetFacts> facts, Consumer<Uplink.Event> events)
            throws IOException {
        this.allowed = allowed;
        this.facts = facts;
        this.events = events;
        this.manifest = FileManifest.load(directory);
    }

    @Override
    public String name() {
        return "files";
    }

    @Override
    public List<String> problems(JsonNode value) {
        List<String> problems = new ArrayList<>();
        Map<Path, String> paths = new HashMap<>();
        read(value, problems).forEach((name, file) -> {
            if (!NAME.matcher(name).matches()) {
                problems.add("files has a name that is not of the form " + NAME);
            }
            String other = paths.put(file.path(), name);
            if (other != null && problems.isEmpty()) {
                problems.add("files." + name + ".path is the same as of files." + other);
            }
        });
        if (value.size() > MAX_FILES) {
            problems.add("files has " + value.size() + " files, at most " + MAX_FILES + " are allowed");
        }
        return problems;
    }

    private Map<String, ManagedFile> read(JsonNode value, List<String> problems) {
        ObjectNode whole = JsonNodeFactory.instance.objectNode();
        whole.set(name(), value);
        AssetFacts known = facts.get();
        return new Fields("", whole, problems)
                .objects(name(), (name, fields) -> ManagedFile.read(name, fields, allowed, known));
    }

    @Override
    public void apply(JsonNode value) {
        List<String> problems = new ArrayList<>();
        Map<String, ManagedFile> next = read(value, problems);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
        try {
            files.clear();
            files.putAll(next);
            wanted = value;
            for (String name : manifest.entries().keySet()) {
                giveBackUnlessWanted(name);
            }
            for (ManagedFile file : files.values()) {
                settle(file);
            }
            reload();
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    /** A file that is not managed any more becomes what it was before. */
    private void giveBackUnlessWanted(String name) throws IOException {
        Entry entry = manifest.get(name);
        ManagedFile file = files.get(name);
        if (entry == null || (file != null && file.path().equals(entry.path()))) {
            return;
        }
        told.remove(name);
        try (Place place = Place.open(entry.path())) {
            Optional<byte[]> original = manifest.original(entry, name);
            if (original.isPresent() && entry.originalMode() != null) {
                place.writeBeside(
                        original.get(),
                        ManagedFile.permissions(Integer.parseInt(entry.originalMode(), 8)),
                        Optional.empty());
                place.replace();
            } else {
                place.delete();
            }
        }
        manifest.remove(name);
    }

    private void settle(ManagedFile file) throws IOException {
        byte[] content = file.template().render(facts.get()).getBytes(UTF_8);
        String hash = Place.hash(content);
        try (Place place = Place.open(file.path())) {
            Entry entry = manifest.get(file.name());
            Stage stage = entry != null && isOf(entry, file, hash) ? entry.stage() : Stage.WRITING;
            String deviation = deviation(file, hash, place.find());
            if (deviation.isEmpty()) {
                remember(file, hash, entry, place, stage == Stage.WRITING ? Stage.RELOADING : stage);
            } else if (stage == Stage.WRITING) {
                write(file, content, hash, place);
            } else if (file.repair()) {
                write(file, content, hash, place);
                tell(
                        file,
                        "config.file.repaired",
                        Severity.WARN,
                        "was " + deviation + " and is as wanted again",
                        deviation);
                told.remove(file.name());
            } else {
                tellOnce(file, deviation);
            }
        }
    }

    private static boolean isOf(Entry entry, ManagedFile file, String hash) {
        return entry.sha256().equals(hash)
                && entry.mode().equals(file.mode())
                && Optional.ofNullable(entry.owner()).equals(file.owner());
    }

    /** In the words of the report; empty when there is none. */
    private static String deviation(ManagedFile file, String hash, Optional<Place.Found> found) {
        if (found.isEmpty()) {
            return "missing";
        }
        Place.Found it = found.get();
        if (!it.sha256().equals(hash)) {
            return "modified sha256:" + it.sha256();
        }
        if (Integer.parseInt(it.mode(), 8) != Integer.parseInt(file.mode(), 8)) {
            return "modified mode " + it.mode();
        }
        String owner = file.owner().orElse("");
        boolean same =
                owner.isEmpty() || owner.equals(owner.contains(":") ? it.owner() + ":" + it.group() : it.owner());
        return same ? "" : "modified owner " + it.owner() + ":" + it.group();
    }

    private void remember(ManagedFile file, String hash, @Nullable Entry before, Place place, Stage stage)
            throws IOException {
        told.remove(file.name());
        Entry now = entry(file, hash, stage, originalMode(file, before, place));
        if (!now.equals(before)) {
            manifest.put(file.name(), now);
        }
    }

    private static Entry entry(ManagedFile file, String hash, Stage stage, @Nullable String originalMode) {
        return new Entry(file.path(), hash, file.mode(), file.owner().orElse(null), stage, originalMode);
    }

    /** What is found when the agent takes a file over is kept. */
    private @Nullable String originalMode(ManagedFile file, @Nullable Entry before, Place place) throws IOException {
        if (before != null) {
            return before.originalMode();
        }
        Optional<byte[]> original = place.read(MAX_ORIGINAL_BYTES);
        if (original.isEmpty()) {
            return null;
        }
        manifest.keepOriginal(file.name(), original.get());
        return place.find().map(Place.Found::mode).orElse(null);
    }

    private void write(ManagedFile file, byte[] content, String hash, Place place) throws IOException {
        Path candidate = place.writeBeside(content, file.permissions(), file.owner());
        try {
            check(file, candidate);
            String originalMode = originalMode(file, manifest.get(file.name()), place);
            manifest.put(file.name(), entry(file, hash, Stage.WRITING, originalMode));
            place.replace();
            manifest.put(file.name(), entry(file, hash, Stage.RELOADING, originalMode));
        } finally {
            place.dropBeside();
        }
    }

    private static void check(ManagedFile file, Path candidate) throws IOException {
        List<String> argv = file.check(candidate);
        if (!argv.isEmpty()) {
            run(argv, "file " + file.name() + " is refused by its check " + argv);
        }
    }

    /** Each program once, however many files have changed. */
    private void reload() throws IOException {
        Map<List<String>, List<ManagedFile>> programs = new LinkedHashMap<>();
        for (ManagedFile file : files.values()) {
            Entry entry = manifest.get(file.name());
            if (entry != null && entry.stage() == Stage.RELOADING) {
                programs.computeIfAbsent(file.reload(), argv -> new ArrayList<>())
                        .add(file);
            }
        }
        for (var program : programs.entrySet()) {
            if (!program.getKey().isEmpty()) {
                run(
                        program.getKey(),
                        "reload " + program.getKey() + " after a change of file "
                                + program.getValue().getFirst().name() + " failed: it");
            }
            for (ManagedFile file : program.getValue()) {
                Entry entry = manifest.get(file.name());
                if (entry != null) {
                    manifest.put(file.name(), entry.at(Stage.DONE));
                }
            }
        }
    }

    private static void run(List<String> argv, String failure) throws IOException {
        try {
            Program.Ended ended = new Program(argv, PROGRAM_TIMEOUT).run();
            if (!ended.succeeded()) {
                throw new IOException(failure + " " + ended.why(PROGRAM_TIMEOUT));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(failure + " was interrupted", e);
        }
    }

    @Override
    public void inspect() {
        for (ManagedFile file : files.values()) {
            try {
                settle(file);
            } catch (IOException | IllegalArgumentException e) {
                tellOnce(file, "unreadable: " + e.getMessage());
            }
        }
        try {
            reload();
        } catch (IOException e) {
            events.accept(event("config.file.reload.failed", Severity.ERROR, String.valueOf(e.getMessage()), Map.of()));
        }
    }

    private void tellOnce(ManagedFile file, String deviation) {
        if (!deviation.equals(told.put(file.name(), deviation))) {
            tell(file, "config.file.drifted", Severity.WARN, "is " + deviation, deviation);
        }
    }

    private void tell(ManagedFile file, String type, Severity severity, String what, String deviation) {
        events.accept(event(
                type,
                severity,
                "managed file " + file.path() + " " + what,
                Map.of("file", file.name(), "path", file.path().toString(), "found", deviation)));
    }

    private static Uplink.Event event(String type, Severity severity, String message, Map<String, Object> data) {
        String shown = message.length() <= 2000 ? message : message.substring(0, 1999) + "…";
        return new Uplink.Event(System.currentTimeMillis(), type, severity, shown, data);
    }

    @Override
    public JsonNode current() {
        ObjectNode current = JsonNodeFactory.instance.objectNode();
        files.forEach((name, file) -> {
            ObjectNode node = ((ObjectNode) wanted.get(name)).deepCopy();
            node.put("template", stands(file));
            current.set(name, node);
        });
        return current;
    }

    /** The template when the file is what it makes, otherwise what is found. */
    private String stands(ManagedFile file) {
        String template = file.template().text();
        try (Place place = Place.open(file.path())) {
            String hash = Place.hash(file.template().render(facts.get()).getBytes(UTF_8));
            String deviation = deviation(file, hash, place.find());
            if (!deviation.isEmpty()) {
                return deviation;
            }
            return template.length() <= LONGEST_VERBATIM ? template : "sha256:" + Place.hash(template.getBytes(UTF_8));
        } catch (IOException | IllegalArgumentException e) {
            String why = "unreadable: " + e.getMessage();
            return why.length() <= LONGEST_VERBATIM ? why : why.substring(0, LONGEST_VERBATIM);
        }
    }

    /** What the agent has written is taken away, and what was there before put back; for the end of the asset's life. */
    public void giveEverythingBack() throws IOException {
        files.clear();
        wanted = JsonNodeFactory.instance.objectNode();
        for (String name : manifest.entries().keySet()) {
            giveBackUnlessWanted(name);
        }
    }
}
