package dev.muster.agent.apply;

import dev.muster.agent.config.ConfigPart;
import dev.muster.agent.config.Fields;
import dev.muster.agent.state.AssetFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The part {@code asset} of the configuration: the asset's type and labels, which the server adds to a configuration that has
 * templates. It comes before the parts that render them, which are checked with the facts that come with them.
 */
final class AssetPart implements ConfigPart, Supplier<AssetFacts> {
    private final AssetFacts own;
    private volatile AssetFacts known;
    private JsonNode inEffect = JsonNodeFactory.instance.objectNode();

    /** @param own what the agent knows by itself */
    AssetPart(AssetFacts own) {
        this.own = own;
        this.known = own;
    }

    @Override
    public AssetFacts get() {
        return known;
    }

    @Override
    public String name() {
        return "asset";
    }

    @Override
    public List<String> problems(JsonNode wanted) {
        List<String> problems = new ArrayList<>();
        AssetFacts told = read(wanted, problems);
        if (problems.isEmpty()) {
            known = told;
        }
        return problems;
    }

    @Override
    public void apply(JsonNode wanted) {
        List<String> problems = new ArrayList<>();
        AssetFacts told = read(wanted, problems);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
        known = told;
        inEffect = wanted;
    }

    @Override
    public JsonNode current() {
        return inEffect;
    }

    private AssetFacts read(JsonNode wanted, List<String> problems) {
        Fields fields = new Fields(name(), wanted, problems);
        AssetFacts told = new AssetFacts(
                own.id(),
                own.hostname(),
                fields.optionalText("type"),
                fields.has("labels") ? fields.textsByName("labels") : Map.of());
        fields.nothingElse();
        return told;
    }
}
