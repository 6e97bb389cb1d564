package dev.muster.runbook;

import dev.muster.registry.document.Problem;
import dev.muster.registry.selector.Selectors;
import dev.muster.runbook.RunDriver.Left;
import dev.muster.runbook.RunbookEngine.Line;
import dev.muster.runbook.RunbookEngine.Stepped;
import dev.muster.runbook.RunbookSpec.Case;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Holds a runbook against the cases that its author claims: nothing but the fake world is touched. */
final class CaseRunner {
    private static final int MAX_TURNS = 20_000;

    private final Selectors selectors;

    CaseRunner(Selectors selectors) {
        this.selectors = selectors;
    }

    /**
     * What a case came to.
     *
     * @param problem null when it holds
     * @param lines what happened
     */
    record Result(String name, boolean passed, @Nullable String problem, List<String> did, List<String> lines) {}

    /** @param json as declared */
    List<Result> run(String name, JsonNode json, RunbookSpec declared) {
        return declared.cases().stream()
                .map(each -> run(name, json, declared, each))
                .toList();
    }

    private Result run(String name, JsonNode json, RunbookSpec declared, Case given) {
        FakeWorld world = new FakeWorld(given, selectors);
        Filled filled = fill(json, declared, given.labels(), given.parameters(), "1", "run", selectors);
        if (!filled.problems().isEmpty()) {
            return new Result(given.name(), false, filled.problems().getFirst(), List.of(), List.of());
        }
        RunbookSpec spec = filled.spec();
        if (!given.labels().isEmpty() && !declared.isStartedBy(given.labels())) {
            return new Result(
                    given.name(), false, "no trigger of it matches the alert " + given.labels(), List.of(), List.of());
        }
        String about = spec.targets() != null
                ? spec.targets()
                : dev.muster.alert.incident.Concern.of(given.labels()).orElse(null);
        List<String> targets = world.select(about);
        MemoryLog log = new MemoryLog(new Run(
                "run",
                name,
                1,
                null,
                0,
                "alert",
                "test",
                null,
                null,
                "",
                targets,
                filled.json(),
                spec,
                Run.Phase.RUNNING,
                Run.first(FakeWorld.BEGIN),
                "",
                null,
                null,
                false,
                FakeWorld.BEGIN,
                FakeWorld.BEGIN.plus(spec.timeout()),
                null));
        var refused = spec.guards()
                .problem(
                        targets.size(),
                        spec.guards().maxShare() >= 1 ? 0 : 1_000,
                        0,
                        null,
                        null,
                        world.clock().instant());
        if (refused.isPresent()) {
            return judge(given, world, "refused", refused.get(), log);
        }
        RunDriver driver = new RunDriver(new RunbookEngine(), log, world, world.clock());
        for (int turn = 0; turn < MAX_TURNS; turn++) {
            Left left;
            try {
                left = driver.turn("run");
            } catch (FakeWorld.Killed killed) {
                continue; // as another server does, which finds what was written down
            }
            if (left == Left.ENDED) {
                return judge(given, world, log.run.phase().wire(), log.run.reason(), log);
            }
            if (left == Left.WAITS) {
                world.pass();
            }
        }
        return new Result(given.name(), false, "it did not end", world.did(), log.texts());
    }

    private Result judge(Case given, FakeWorld world, String outcome, String reason, MemoryLog log) {
        String problem = null;
        if (!outcome.equals(given.outcome())) {
            problem = "it ends " + outcome + (reason.isEmpty() ? "" : " (" + reason + ")") + ", and " + given.outcome()
                    + " is claimed";
        } else if (given.did() != null && !given.did().equals(world.did())) {
            problem = "it did " + world.did() + ", and " + given.did() + " is claimed";
        } else if (given.holds() != null
                && world.select(given.holds()).size() != given.assets().size()) {
            problem = "at the end only " + world.select(given.holds()) + " are " + given.holds();
        }
        return new Result(given.name(), problem == null, problem, world.did(), log.texts());
    }

    /** @param problems what stands against it */
    record Filled(JsonNode json, RunbookSpec spec, List<String> problems) {}

    /** The spec with every variable filled in. */
    static Filled fill(
            JsonNode json,
            RunbookSpec declared,
            Map<String, String> labels,
            Map<String, String> parameters,
            String incident,
            String run,
            Selectors selectors) {
        List<String> problems = new ArrayList<>();
        Map<String, @Nullable Object> values = new TreeMap<>();
        declared.parameters().forEach((name, parameter) -> {
            String value = parameters.getOrDefault(name, parameter.fallback());
            if (value == null) {
                problems.add("the parameter " + name + " is missing");
            } else if (!parameter.fits(value)) {
                problems.add("the parameter " + name + " is \"" + value + "\", which is no "
                        + parameter.type().name().toLowerCase(java.util.Locale.ROOT));
            } else {
                values.put(
                        "parameters." + name,
                        switch (parameter.type()) {
                            case TEXT -> value;
                            case NUMBER -> new BigDecimal(value);
                            case FLAG -> Boolean.valueOf(value);
                        });
            }
        });
        parameters.keySet().stream()
                .filter(name -> !declared.parameters().containsKey(name))
                .forEach(name -> problems.add("there is no parameter " + name + "; it has "
                        + declared.parameters().keySet()));
        labels.forEach((name, value) -> values.put("labels." + name, value));
        values.put("incident", incident);
        values.put("run", run);
        TreeSet<String> missing = new TreeSet<>();
        JsonNode filled = Template.fill(json, values::get, missing);
        missing.forEach(name -> problems.add("${" + name + "} has no value"));
        SpecReader.Read read = SpecReader.filled(filled, selectors);
        if (problems.isEmpty()) {
            read.problems().stream().map(Problem::toString).forEach(problems::add);
        }
        return new Filled(filled, read.spec(), problems);
    }

    /** A log in memory, of one run. */
    static final class MemoryLog implements RunDriver.Log {
        private Run run;
        private final List<Line> lines = new ArrayList<>();

        MemoryLog(Run run) {
            this.run = run;
        }

        @Override
        public Run load(String id) {
            return run;
        }

        @Override
        public boolean isAsLoaded(Run loaded) {
            return run.isSaidAs(loaded);
        }

        @Override
        public void write(Stepped stepped) {
            run = stepped.run();
            lines.addAll(stepped.lines());
        }

        @Override
        public void together(Runnable work) {
            work.run();
        }

        List<String> texts() {
            return lines.stream()
                    .map(line -> seconds(line.at()) + " " + line.step() + " " + line.what()
                            + (line.text().isEmpty() ? "" : ": " + line.text()))
                    .toList();
        }

        private static String seconds(Instant at) {
            return java.time.Duration.between(FakeWorld.BEGIN, at).toSeconds() + " s";
        }
    }
}
