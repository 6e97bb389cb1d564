package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.rest.Api;
import dev.muster.cli.rest.Query;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** {@code muster gameday …}: an outage on purpose. */
@Command(
        name = "gameday",
        description = "Breaks simulated or marked assets on purpose, and tells whether anybody noticed.",
        subcommands = {GameDay.Start.class, GameDay.Report.class})
final class GameDay extends Menu {

    /** {@code muster gameday start FILE --control PIPE}. */
    @Command(
            name = "start",
            description = "Injects the faults of a file, ends them, waits for recovery and prints a report.",
            footer = {
                "",
                "The server refuses assets that are neither simulated nor labelled gameday: \"true\". Faults of a simulated",
                "fleet go to the control of its simulator:",
                "  mkfifo control; muster sim --control … < control & exec 3> control",
                "  muster gameday start examples/gamedays/region-cut.yaml --control control",
                "Exit code 1 when nothing was detected or it did not recover in time."
            })
    static final class Start extends Verb {
        @Parameters(paramLabel = "FILE", description = "A document of kind GameDay.")
        private Path file = Path.of("");

        @Option(
                names = "--control",
                paramLabel = "PIPE",
                description = "Where the simulator reads its commands; without it they are only printed.")
        private @Nullable Path control;

        @Option(
                names = "--report",
                paramLabel = "FILE",
                description = "Where the report goes; standard output without it.")
        private @Nullable Path report;

        private record Moment(
                long seconds, List<String> lines, @Nullable String rollout) {}

        @Override
        void run() {
            JsonNode document = read();
            JsonNode spec = document.path("spec");
            ObjectNode body = Api.JSON.createObjectNode();
            body.set("name", document.path("metadata").path("name"));
            body.set("faults", spec.path("faults"));
            Duration recoverWithin = Times.duration(spec.path("recoverWithin").asString("30m"));
            JsonNode begun = root().api().post(Query.of("gamedays"), body);
            String id = begun.path("id").asString("");
            PrintStream err = root().terminal().err();
            err.println("game day " + id + " is on");
            long start = System.nanoTime();
            for (Moment moment : moments(begun)) {
                until(start, moment.seconds());
                if (moment.rollout() != null) {
                    ObjectNode why = Api.JSON.createObjectNode().put("reason", "game day " + id);
                    JsonNode unused = root().api().post(Query.of("rollouts", moment.rollout(), "start"), why);
                    err.println("rollout " + moment.rollout() + " is started");
                }
                inject(moment.lines());
            }
            JsonNode now = watch(id, start, recoverWithin);
            JsonNode ended = root().api().post(Query.of("gamedays", id, "end"), Api.JSON.createObjectNode());
            print(ended.path("report"));
            if (!now.path("report").hasNonNull("secondsToDetect")) {
                throw new CommandFailed(ExitCode.FAILED, "nothing was detected");
            }
            if (!now.path("report").hasNonNull("secondsToRecover")) {
                throw new CommandFailed(
                        ExitCode.FAILED,
                        "it did not recover within " + recoverWithin.toSeconds() + " s; incidents are open");
            }
        }

        private JsonNode read() {
            try {
                JsonNode read = new YAMLMapper().readTree(Files.readString(file));
                if (!read.path("kind").asString("").equals("GameDay")) {
                    throw new CommandFailed(
                            ExitCode.USAGE,
                            file + " holds the kind \"" + read.path("kind").asString("") + "\", a GameDay is needed");
                }
                return read;
            } catch (IOException e) {
                throw new CommandFailed(ExitCode.USAGE, "cannot read " + file + ": " + e.getMessage());
            } catch (JacksonException e) {
                throw new CommandFailed(ExitCode.USAGE, file + " is not YAML: " + e.getOriginalMessage());
            }
        }

        /** Those that have no end of their own end with the last that has. */
        private static List<Moment> moments(JsonNode begun) {
            List<Moment> all = new ArrayList<>();
            long last = 0;
            for (JsonNode fault : begun.path("faults")) {
                last = Math.max(
                        last,
                        fault.path("afterSeconds").asLong()
                                + fault.path("forSeconds").asLong());
            }
            for (JsonNode fault : begun.path("faults")) {
                long after = fault.path("afterSeconds").asLong();
                long lasts = fault.path("forSeconds").asLong();
                all.add(new Moment(
                        after,
                        texts(fault.path("lines")),
                        fault.hasNonNull("rollout") ? fault.path("rollout").asString("") : null));
                all.add(new Moment(lasts == 0 ? last : after + lasts, texts(fault.path("undo")), null));
            }
            all.sort(Comparator.comparingLong(Moment::seconds));
            return all;
        }

        private static List<String> texts(JsonNode array) {
            List<String> texts = new ArrayList<>();
            array.forEach(each -> texts.add(each.asString("")));
            return texts;
        }

        private void inject(List<String> lines) {
            if (lines.isEmpty()) {
                return;
            }
            String text = String.join("\n", lines) + "\n";
            PrintStream err = root().terminal().err();
            if (control == null) {
                err.print(text);
                err.flush();
                return;
            }
            try {
                Files.write(
                        control,
                        text.getBytes(StandardCharsets.UTF_8),
                        StandardOpenOption.WRITE,
                        StandardOpenOption.APPEND);
                err.println(lines.size() + " lines to " + control + ", the first: " + lines.getFirst());
                err.flush();
            } catch (IOException e) {
                throw new CommandFailed(ExitCode.FAILED, "cannot write to " + control + ": " + e.getMessage());
            }
        }

        private JsonNode watch(String id, long start, Duration recoverWithin) {
            while (true) {
                JsonNode now = root().api().get(Query.of("gamedays", id));
                boolean over = now.path("report").hasNonNull("secondsToRecover");
                if (over || System.nanoTime() - start > recoverWithin.toNanos()) {
                    return now;
                }
                pause(2_000);
            }
        }

        private static void until(long start, long seconds) {
            long left = seconds * 1_000 - (System.nanoTime() - start) / 1_000_000;
            if (left > 0) {
                pause(left);
            }
        }

        private static void pause(long millis) {
            try {
                Thread.sleep(millis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CommandFailed(ExitCode.FAILED, "interrupted; the faults are not ended");
            }
        }

        private void print(JsonNode result) {
            String text = result.path("text").asString("");
            if (report == null) {
                root().terminal().out().print(text);
                root().terminal().out().flush();
                return;
            }
            try {
                Files.writeString(report, text);
            } catch (IOException e) {
                throw new CommandFailed(ExitCode.FAILED, "cannot write " + report + ": " + e.getMessage());
            }
        }
    }

    /** {@code muster gameday report ID}. */
    @Command(name = "report", description = "Prints the report of a game day.")
    static final class Report extends Verb {
        @Parameters(paramLabel = "ID", description = "The game day.")
        private String id = "";

        @Override
        void run() {
            JsonNode day = root().api().get(Query.of("gamedays", id));
            if (!root().printer().isTable()) {
                root().printer().one(day);
                return;
            }
            root().terminal().out().print(day.at("/report/text").asString(""));
            root().terminal().out().flush();
        }
    }
}
