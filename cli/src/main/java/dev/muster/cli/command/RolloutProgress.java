package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.output.Column;
import dev.muster.cli.output.ProgressBar;
import dev.muster.cli.output.Table;
import dev.muster.cli.rest.Query;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** How far a rollout is: watched on a terminal, waited for by a pipeline. */
final class RolloutProgress {
    private static final Set<String> ENDED = Set.of("completed", "aborted", "rolled_back");
    private static final Set<String> UNDER_WAY = Set.of("waiting", "pending");

    private RolloutProgress() {}

    /** A bar, and a line for each change, until it has ended or stands. */
    static void watch(Root root, String name, Duration pause) {
        ProgressBar bar = new ProgressBar(root.terminal(), name);
        String known = "";
        while (!Thread.currentThread().isInterrupted()) {
            JsonNode status = root.api().get(Query.of("rollouts", name)).path("status");
            String line = line(status);
            if (!line.equals(known)) {
                bar.clear();
                root.terminal().out().println(line);
                root.terminal().out().flush();
                known = line;
            }
            bar.show(ended(status), status.path("targets").asLong());
            String phase = status.path("phase").asString("");
            if (ENDED.contains(phase) || phase.equals("paused") || phase.equals("draft")) {
                bar.end();
                end(name, phase, status.path("why").asString(""));
                return;
            }
            sleep(pause);
        }
    }

    /** @param wave only until this one has passed; empty for the whole */
    static void waitFor(Root root, String name, String wave, Waiting waiting) {
        String[] known = {""};
        JsonNode ended = waiting.until(
                "rollout " + name + (wave.isEmpty() ? " has not ended" : " has not passed its wave " + wave), () -> {
                    JsonNode rollout = root.api().get(Query.of("rollouts", name));
                    JsonNode status = rollout.path("status");
                    String line = line(status);
                    if (root.printer().isTable() && !line.equals(known[0])) {
                        root.terminal().out().println(line);
                        root.terminal().out().flush();
                        known[0] = line;
                    }
                    return isOver(status, name, wave) ? Optional.of(rollout) : Optional.empty();
                });
        if (!root.printer().isTable()) {
            root.printer().one(ended);
        }
    }

    /** Whether what is waited for has come about; fails when it cannot any more without a person. */
    private static boolean isOver(JsonNode status, String name, String wave) {
        String phase = status.path("phase").asString("");
        if (!wave.isEmpty() && hasPassed(status, name, wave)) {
            return true;
        }
        if (ENDED.contains(phase) || phase.equals("paused") || phase.equals("draft")) {
            end(name, phase, status.path("why").asString(""));
            return true;
        }
        return false;
    }

    /** A wave has passed when the next one has been opened, or waits for a person to open it. */
    private static boolean hasPassed(JsonNode status, String name, String wave) {
        String phase = status.path("phase").asString("");
        if (!phase.equals("running") && !phase.equals("paused")) {
            return false;
        }
        int wanted = -1;
        int current = -1;
        for (int i = 0; i < status.path("waves").size(); i++) {
            String found = status.path("waves").get(i).path("name").asString("");
            wanted = found.equals(wave) ? i : wanted;
            current = found.equals(status.path("wave").asString("")) ? i : current;
        }
        if (wanted < 0) {
            throw new CommandFailed(ExitCode.NOT_FOUND, "rollout " + name + " has no wave " + wave);
        }
        boolean waitsForPerson =
                phase.equals("paused") && status.path("cause").asString("").equals("wave");
        return current > wanted || current == wanted && waitsForPerson;
    }

    private static void end(String name, String phase, String why) {
        switch (phase) {
            case "completed" -> {}
            case "paused" -> throw new CommandFailed(ExitCode.REFUSED, "rollout " + name + " is paused: " + why);
            case "draft" ->
                throw new CommandFailed(
                        ExitCode.REFUSED,
                        "rollout " + name + " is a draft; muster rollout start " + name + " starts it");
            default -> throw new CommandFailed(ExitCode.FAILED, "rollout " + name + " is " + phase + ": " + why);
        }
    }

    /** Where it stands, in a line. */
    static String line(JsonNode status) {
        StringBuilder line = new StringBuilder(status.path("phase").asString(""));
        if (!status.path("why").asString("").isEmpty()) {
            line.append(" (").append(status.path("why").asString("")).append(')');
        }
        if (status.has("wave")) {
            line.append(", wave ").append(status.path("wave").asString(""));
        }
        status.path("counts")
                .forEachEntry((stage, count) ->
                        line.append(", ").append(count.asInt()).append(' ').append(stage));
        status.path("strata").forEach(stratum -> {
            if (!stratum.path("state").asString("").equals("going")) {
                line.append(", ")
                        .append(Column.text(stratum.path("values")))
                        .append(' ')
                        .append(stratum.path("state").asString(""));
            }
        });
        return Table.printable(line.toString());
    }

    private static long ended(JsonNode status) {
        long[] open = {status.path("inFlight").asLong()};
        status.path("counts").forEachEntry((stage, count) -> open[0] += UNDER_WAY.contains(stage) ? count.asLong() : 0);
        return status.path("targets").asLong() - open[0];
    }

    private static void sleep(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
