package dev.muster.rollout.spec;

import dev.muster.registry.document.FieldReader;
import dev.muster.registry.document.Problem;
import dev.muster.rollout.engine.Check;
import dev.muster.rollout.engine.Conduct.OnFailure;
import dev.muster.rollout.gate.Comparison;
import dev.muster.rollout.gate.GateExpressions;
import dev.muster.rollout.gate.GateExpressions.Compiled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** Reads the gates of a rollout, with every problem in them. */
final class GateReader {
    private static final int MAX_GATES = 20;
    private static final int MAX_METRICS = 10;
    private static final Pattern METRIC_NAME = Pattern.compile("[a-zA-Z][a-zA-Z0-9_]{0,63}");
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration WEEK = Duration.ofDays(7);
    /** Fewer assets on a side than these can hardly be told apart by ranks. */
    private static final int FEWEST_SAMPLES = 5;

    private final List<Problem> problems;
    private final GateExpressions expressions;
    private final OnFailure usual;

    GateReader(List<Problem> problems, GateExpressions expressions, OnFailure usual) {
        this.problems = problems;
        this.expressions = expressions;
        this.usual = usual;
    }

    List<GateSpec> read(FieldReader spec) {
        if (!spec.has("gates")) {
            return List.of();
        }
        if (!(spec.json("gates") instanceof ArrayNode array) || array.size() > MAX_GATES) {
            spec.problem("gates", "must be a list of at most " + MAX_GATES + " gates");
            return List.of();
        }
        List<GateSpec> gates = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int i = 0; i < array.size(); i++) {
            JsonNode node = array.get(i);
            GateSpec gate = gate(FieldReader.of(spec.path() + ".gates[" + i + "]", node, problems), i);
            if (!names.add(gate.check().name())) {
                spec.problem(
                        "gates", "has two gates of the name " + gate.check().name());
            }
            gates.add(gate);
        }
        return gates;
    }

    private GateSpec gate(FieldReader reader, int index) {
        String name = reader.text("name", "gate-" + (index + 1));
        if (!RolloutSpecReader.NAME.matcher(name).matches()) {
            reader.problem("name", "must match " + RolloutSpecReader.NAME + ", found \"" + name + "\"");
        }
        List<Comparison> metrics = metrics(reader.object("metrics"));
        String source = reader.requiredText("check");
        Compiled compiled = expressions.compile(
                source.isEmpty() ? "true" : source,
                metrics.stream().map(Comparison::name).collect(Collectors.toSet()));
        FieldReader inconclusive = reader.object("inconclusive");
        Check check = new Check(
                name,
                source,
                reader.flag("continuously", false),
                reader.number("minSamples", 1, 0, 1_000_000),
                inconclusive.duration("after", Duration.ofMinutes(30), Duration.ZERO, WEEK),
                inconclusive.choice("then", Check.Unknown.class, Check.Unknown.PAUSE),
                reader.choice("then", OnFailure.class, usual),
                compiled instanceof Compiled.Ready ready ? ready.condition() : values -> new Check.Answer.Unknown(""));
        inconclusive.finish();
        reader.finish();
        return switch (compiled) {
            case Compiled.Ready(var _, Set<String> mentioned) -> new GateSpec(check, metrics, mentioned);
            case Compiled.Refused(String why) -> {
                reader.problem("check", "is no gate, " + why);
                yield new GateSpec(check, metrics, Set.of());
            }
        };
    }

    private static List<Comparison> metrics(FieldReader reader) {
        List<Comparison> metrics = new ArrayList<>();
        for (String name : reader.names()) {
            FieldReader metric = reader.object(name);
            if (!METRIC_NAME.matcher(name).matches()) {
                metric.problem("", "is a name for the check and must match " + METRIC_NAME);
            }
            metrics.add(new Comparison(
                    name,
                    metric.text("metric", name),
                    metric.choice("against", Comparison.Against.class, Comparison.Against.PAST),
                    metric.duration("over", Duration.ofMinutes(10), MINUTE, WEEK),
                    metric.number("minSamples", 10, FEWEST_SAMPLES, 1_000)));
            metric.finish();
        }
        if (metrics.size() > MAX_METRICS) {
            reader.problem("", "compares " + metrics.size() + " metrics, at most " + MAX_METRICS + " are allowed");
        }
        return metrics;
    }
}
