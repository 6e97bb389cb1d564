package dev.muster.agent.command;

import dev.muster.agent.allowed.Allowed;
import dev.muster.agent.command.Handler.Outcome;
import dev.muster.agent.config.Fields;
import dev.muster.agent.link.Outbound;
import dev.muster.agent.process.Program;
import dev.muster.agent.upload.Upload;
import dev.muster.protocol.Severity;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.Uplink.CommandResult.Status;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** The commands that the agent knows. */
final class Handlers {
    private static final int MAX_DETAIL_CHARACTERS = 4000;

    private Handlers() {}

    /** What the commands need of the rest of the agent. */
    interface Surroundings {
        String agentVersion();

        /** @return why not; empty when it was */
        Optional<String> restartApp(String component) throws InterruptedException;

        /** Files that may be collected, by name, beside those that the owner lists. */
        Map<String, Path> logs();

        Upload.Result upload(Path file, Map<String, String> metadata) throws InterruptedException;
    }

    static Map<String, Handler> all(Allowed allowed, Surroundings agent, Outbound outbound) {
        Map<String, Handler> handlers = new TreeMap<>();
        handlers.put("ping", ping(agent));
        handlers.put("restart-app", restartApp(agent));
        handlers.put("collect-logs", new CollectLogs(() -> logs(allowed, agent), outbound));
        handlers.put("collect-file", new CollectFile(() -> logs(allowed, agent), agent));
        handlers.put("run", new Run(allowed.run()));
        handlers.put("reboot", new Reboot(allowed.reboot()));
        return handlers;
    }

    /** A command of another name is what the owner lists under that name; its parameters are the arguments. */
    static Optional<Handler> listed(Allowed allowed, String name) {
        Allowed.Listed program = allowed.run().get(name);
        return program == null ? Optional.empty() : Optional.of((id, params) -> Run.work(program, params));
    }

    private static Map<String, Path> logs(Allowed allowed, Surroundings agent) {
        Map<String, Path> logs = new TreeMap<>(agent.logs());
        logs.putAll(allowed.logs());
        return logs;
    }

    private static Handler ping(Surroundings agent) {
        return (id, params) ->
                timeout -> Outcome.succeeded(Map.of("agent", agent.agentVersion(), "time", System.currentTimeMillis()));
    }

    private static Handler restartApp(Surroundings agent) {
        return (id, params) -> {
            String component = params.text("component");
            return timeout -> agent.restartApp(component)
                    .map(Outcome::failed)
                    .orElseGet(() -> Outcome.succeeded(Map.of("component", component)));
        };
    }

    /** Runs what the owner of the asset lists, with arguments that match what he wrote. */
    private record Run(Map<String, Allowed.Listed> allowed) implements Handler {
        private static final int MAX_ARGUMENT = 256;

        @Override
        public Work prepare(String id, Fields params) {
            String name = params.text("name");
            Fields args = params.object("args");
            Allowed.Listed program = allowed.get(name);
            if (program == null) {
                String known = allowed.isEmpty() ? "nothing" : String.join(", ", new TreeSet<>(allowed.keySet()));
                params.problem("name", "is not one that the owner of this asset allows; allowed is " + known);
                return timeout -> Outcome.rejected("not allowed");
            }
            return work(program, args);
        }

        static Work work(Allowed.Listed program, Fields args) {
            Map<String, String> values = new LinkedHashMap<>();
            program.args().forEach((arg, pattern) -> values.put(arg, argument(args, arg, pattern)));
            args.nothingElse();
            List<String> argv =
                    program.argv().stream().map(word -> filled(word, values)).toList();
            return timeout -> run(argv, shorter(timeout, Duration.ofSeconds(program.timeoutSeconds())));
        }

        private static String argument(Fields args, String name, Pattern pattern) {
            String value = args.text(name);
            if (!value.isEmpty()
                    && (value.length() > MAX_ARGUMENT || !pattern.matcher(value).matches())) {
                args.problem(
                        name,
                        "does not match " + pattern + ", which the owner of this asset demands, or is longer than "
                                + MAX_ARGUMENT + " characters");
            }
            return value;
        }

        private static String filled(String word, Map<String, String> values) {
            StringBuilder filled = new StringBuilder();
            int at = 0;
            while (at < word.length()) {
                int close = word.charAt(at) == '{' ? word.indexOf('}', at) : -1;
                String value = close < 0 ? null : values.get(word.substring(at + 1, close));
                if (value == null) {
                    filled.append(word.charAt(at++));
                } else {
                    filled.append(value); // not looked at again: a value is never a place
                    at = close + 1;
                }
            }
            return filled.toString();
        }
    }

    private static Outcome run(List<String> argv, Duration timeout) throws InterruptedException {
        try {
            Program.Ended ended = new Program(argv, timeout).run();
            String output = ended.output();
            boolean cut = ended.cut() || output.length() > MAX_DETAIL_CHARACTERS;
            Map<String, Object> detail = new LinkedHashMap<>();
            detail.put("exit", ended.exit());
            detail.put("output", output.substring(Math.max(0, output.length() - MAX_DETAIL_CHARACTERS)));
            if (cut) {
                detail.put("cut", true);
            }
            if (ended.timedOut()) {
                detail.put("reason", "it did not end within " + timeout.toSeconds() + " s and was killed");
            }
            return new Outcome(ended.succeeded() ? Status.SUCCEEDED : Status.FAILED, detail);
        } catch (IOException e) {
            return Outcome.failed("it cannot be started: " + e.getMessage());
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** Restarts the system; that it did is seen by the kernel's boot id, by the next agent. */
    private record Reboot(List<String> argv) implements Handler {
        private static final Duration GOING_DOWN = Duration.ofMinutes(5);

        @Override
        public Work prepare(String id, Fields params) {
            long delay = params.number("delaySeconds", 0, 0, 3600);
            return timeout -> {
                Thread.sleep(Duration.ofSeconds(delay));
                Outcome outcome = Handlers.run(argv, Duration.ofSeconds(60));
                if (outcome.status() != Status.SUCCEEDED) {
                    return outcome;
                }
                Thread.sleep(GOING_DOWN);
                return Outcome.failed("the system still runs " + GOING_DOWN.toSeconds() + " s after " + argv);
            };
        }

        @Override
        public Optional<String> refusal() {
            return argv.isEmpty()
                    ? Optional.of("the owner of this asset does not allow it; reboot in the asset's allow file would")
                    : Optional.empty();
        }

        @Override
        public Optional<Outcome> interrupted(boolean rebooted) {
            return rebooted
                    ? Optional.of(Outcome.succeeded(Map.of("evidence", "the kernel's boot id is another one")))
                    : Optional.empty();
        }
    }

    /** Sends a file as a whole; the result says under which id the server has it. */
    private record CollectFile(Supplier<Map<String, Path>> known, Surroundings agent) implements Handler {
        @Override
        public Work prepare(String id, Fields params) {
            Map<String, Path> files = known.get();
            String name = params.text("name");
            Path file = files.get(name);
            if (file == null) {
                params.problem("name", "is not known; known are " + files.keySet());
                return timeout -> Outcome.rejected("not known");
            }
            return timeout -> collect(id, name, file);
        }

        private Outcome collect(String id, String name, Path file) throws InterruptedException {
            Path named = file.getFileName();
            Map<String, String> metadata = new LinkedHashMap<>();
            metadata.put("filename", named == null ? name : named.toString());
            metadata.put("kind", "log");
            metadata.put("label.command", id);
            return switch (agent.upload(file, metadata)) {
                case Upload.Result.Sent(String uploaded, long size) ->
                    Outcome.succeeded(Map.of("file", uploaded, "size", size));
                case Upload.Result.Failed(String why) ->
                    Outcome.failed(why.substring(0, Math.min(why.length(), MAX_DETAIL_CHARACTERS)));
            };
        }
    }

    /** Sends the ends of files as log records. */
    private record CollectLogs(Supplier<Map<String, Path>> known, Outbound outbound) implements Handler {
        private static final int MAX_BYTES = 512 * 1024;
        private static final int MAX_LINE = 4000;
        private static final int BATCH_CHARACTERS = 60_000;
        private static final int BATCH_LINES = 500;

        @Override
        public Work prepare(String id, Fields params) {
            Map<String, Path> files = known.get();
            List<String> names = params.has("names") ? params.texts("names") : List.copyOf(files.keySet());
            int lines = (int) params.number("lines", 200, 1, 5000);
            names.stream()
                    .filter(name -> !files.containsKey(name))
                    .forEach(name ->
                            params.problem("names", "has a name that is not known; known are " + files.keySet()));
            return timeout -> collect(id, names, files, lines);
        }

        private Outcome collect(String id, List<String> names, Map<String, Path> files, int lines) {
            Map<String, Object> sent = new LinkedHashMap<>();
            for (String name : names) {
                Path file = files.get(name);
                if (file != null) {
                    sent.put(name, send(id, name, file, lines));
                }
            }
            return Outcome.succeeded(Map.of("lines", sent));
        }

        /** How many lines; or why none. */
        private Object send(String id, String name, Path file, int lines) {
            try {
                List<String> tail = tail(file, lines);
                List<Uplink.LogRecord> batch = new ArrayList<>();
                int characters = 0;
                long now = System.currentTimeMillis();
                for (int i = 0; i < tail.size(); i++) {
                    String line = tail.get(i);
                    String body = line.length() <= MAX_LINE ? line : line.substring(0, MAX_LINE);
                    // equal lines of one moment would be stored once, without their number
                    batch.add(new Uplink.LogRecord(
                            now,
                            Severity.INFO,
                            body.isEmpty() ? " " : body,
                            Map.of("file", name, "line", i + 1, "command", id)));
                    characters += body.length();
                    if (characters > BATCH_CHARACTERS || batch.size() == BATCH_LINES || i == tail.size() - 1) {
                        outbound.send(new Uplink.Logs(List.copyOf(batch)));
                        batch.clear();
                        characters = 0;
                    }
                }
                return tail.size();
            } catch (IOException e) {
                return "cannot be read: " + e.getMessage();
            }
        }

        private static List<String> tail(Path path, int lines) throws IOException {
            if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException(path + " is not a regular file");
            }
            try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
                byte[] end = new byte[(int) Math.min(MAX_BYTES, file.length())];
                file.seek(file.length() - end.length);
                file.readFully(end);
                List<String> all =
                        new String(end, StandardCharsets.UTF_8).lines().toList();
                return all.subList(Math.max(0, all.size() - lines), all.size());
            }
        }
    }
}
