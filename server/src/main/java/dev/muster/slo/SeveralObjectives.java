package dev.muster.slo;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.FieldProblem;
import dev.muster.platform.error.Refusal;
import dev.muster.registry.apply.ForeignDocument;
import java.util.ArrayList;
import java.util.List;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An OpenSLO document with several objectives: an SLO for each, because a budget is spent, burns, pages and is asked for by gates under a
 * name. The first has the name of the document, so that it stays what it was when a second is added; the others have their number.
 */
@Component
class SeveralObjectives implements ForeignDocument {
    static final int MAX = 10;

    @Override
    public boolean reads(JsonNode document) {
        return document.path("apiVersion").asString("").equals(AppliedOpenSlo.API_VERSION)
                && document.path("kind").asString("").equals("SLO")
                && document.path("metadata").isObject()
                && document.at("/spec/objectives").isArray()
                && document.at("/spec/objectives").size() > 1;
    }

    @Override
    public List<JsonNode> translated(JsonNode document) {
        String name = document.at("/metadata/name").asString("");
        JsonNode objectives = document.at("/spec/objectives");
        if (objectives.size() > MAX) {
            String problem = "must have at most " + MAX + " objectives, found " + objectives.size();
            throw new Refusal(
                    ErrorCode.INVALID,
                    "SLO " + name + " is not valid: spec.objectives " + problem,
                    List.of(new FieldProblem("spec.objectives", problem)));
        }
        List<JsonNode> each = new ArrayList<>();
        for (int i = 0; i < objectives.size(); i++) {
            ObjectNode one = (ObjectNode) document.deepCopy();
            ((ObjectNode) one.path("spec")).putArray("objectives").add(objectives.get(i));
            ObjectNode metadata = (ObjectNode) one.path("metadata");
            String of = i == 0 ? name : name + "-" + (i + 1);
            metadata.put("name", of);
            String shown = objectives.get(i).path("displayName").asString("");
            String whole = metadata.path("displayName").asString("");
            if (!shown.isEmpty() || !whole.isEmpty()) {
                metadata.put("displayName", whole.isEmpty() ? shown : whole + ": " + (shown.isEmpty() ? of : shown));
            }
            each.add(one);
        }
        return each;
    }
}
