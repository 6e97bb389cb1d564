package dev.muster.slo;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.FieldProblem;
import dev.muster.platform.error.Refusal;
import dev.muster.registry.apply.ForeignDocument;
import dev.muster.registry.document.FieldReader;
import dev.muster.registry.document.Problem;
import java.util.ArrayList;
import java.util.List;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Sloth's {@code prometheus/v1}: each of its objectives as an OpenSLO document over 30 days. */
@Component
class SlothDocument implements ForeignDocument {
    @Override
    public boolean reads(JsonNode document) {
        return document.isObject()
                && document.path("version").asString("").equals("prometheus/v1")
                && !document.has("apiVersion");
    }

    @Override
    public List<JsonNode> translated(JsonNode document) {
        List<Problem> problems = new ArrayList<>();
        FieldReader reader = FieldReader.of("", document, problems);
        reader.text("version", "");
        String service = reader.requiredText("service");
        reader.texts("labels");
        JsonNode slos = reader.json("slos");
        reader.finish();
        List<JsonNode> translated = new ArrayList<>();
        for (int i = 0; i < slos.size(); i++) {
            FieldReader slo = FieldReader.of("slos[" + i + "]", slos.get(i), problems);
            translated.add(one(service, document.path("labels"), slo));
            slo.finish();
        }
        if (!problems.isEmpty()) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "the Sloth document of service " + service + " cannot be taken: " + problems.getFirst(),
                    problems.stream()
                            .map(problem -> new FieldProblem(problem.path(), problem.message()))
                            .toList());
        }
        return translated;
    }

    private static JsonNode one(String service, JsonNode labels, FieldReader slo) {
        String name = slo.requiredText("name");
        Double objective = slo.decimal("objective");
        if (objective == null) {
            slo.problem("objective", "is missing");
        }
        FieldReader sli = slo.object("sli");
        if (sli.has("raw") || sli.has("plugin")) {
            sli.names();
            sli.problem("", "must have events: raw ratios and plugins are not evaluated");
        }
        FieldReader events = sli.object("events");
        String error = events.requiredText("error_query");
        String total = events.requiredText("total_query");
        PromQl.Own bad = own(events, "error_query", error);
        PromQl.Own all = own(events, "total_query", total);
        if (bad != null && all != null && (!bad.same(all) || !bad.outcome().equals("bad") || !all.isTotal())) {
            events.problem(
                    "error_query",
                    "must ask for outcome=\"bad\" and total_query for outcome=~\"good|bad\" of the same indicator and scope");
        }
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.put("apiVersion", AppliedOpenSlo.API_VERSION).put("kind", "SLO");
        ObjectNode metadata = document.putObject("metadata");
        metadata.put("name", service + "-" + name).put("displayName", service + " " + name);
        if (labels.isObject() && !labels.isEmpty()) {
            metadata.set("labels", labels);
        }
        ObjectNode spec = document.putObject("spec");
        spec.put("description", slo.text("description", "")).put("service", service);
        if (bad != null) {
            metadata.putObject("annotations").put(SloReader.SCOPE, bad.scope().wire());
            spec.put("indicatorRef", bad.sli());
        }
        spec.putArray("timeWindow").addObject().put("duration", "30d").put("isRolling", true);
        spec.put("budgetingMethod", "Occurrences");
        ObjectNode target = spec.putArray("objectives").addObject();
        if (objective != null) {
            target.put("targetPercent", objective);
        }
        alerts(slo.json("alerting"), metadata);
        return document;
    }

    private static void alerts(JsonNode alerting, ObjectNode metadata) {
        boolean pages = !alerting.path("page_alert").path("disable").asBoolean(false);
        boolean tickets = !alerting.path("ticket_alert").path("disable").asBoolean(false);
        if (!pages || !tickets) {
            metadata.withObject("annotations")
                    .put(
                            SloReader.ALERTS,
                            pages ? "page-quick,page-slow,fast-burn" : tickets ? "ticket-quick,ticket-slow" : "none");
        }
    }

    private static PromQl.@org.jspecify.annotations.Nullable Own own(FieldReader events, String field, String query) {
        PromQl.Own own = PromQl.parse(query).orElse(null);
        if (own == null && !query.isEmpty()) {
            String line = query.strip().replaceAll("\\s+", " ");
            events.problem(
                    field,
                    "is PromQL that is not evaluated here: "
                            + (line.length() <= 120 ? line : line.substring(0, 120) + "…")
                            + "; Muster evaluates sum(rate(" + PromQl.METRIC
                            + "{sli=\"uptime\",scope=\"group\",name=\"vans\",outcome=\"bad\"}[{{.window}}])) of its own indicators;"
                            + " for metrics, events and commands of assets declare an OpenSLO SLI");
        }
        return own;
    }
}
