package dev.muster.agent.work;

import dev.muster.agent.config.ConfigPart;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The part {@code agent}: hands what it reads to the {@link Work}. */
final class WorkPart implements ConfigPart {
    static final String NAME = "agent";

    private final Consumer<WorkConfig> work;
    private final Intervals defaults;
    private JsonNode inEffect = JsonNodeFactory.instance.objectNode();

    WorkPart(Intervals defaults, Consumer<WorkConfig> work) {
        this.defaults = defaults;
        this.work = work;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<String> problems(JsonNode wanted) {
        List<String> problems = new ArrayList<>();
        Object unused = WorkConfig.read(wanted, defaults, problems);
        return problems;
    }

    @Override
    public void apply(JsonNode wanted) {
        List<String> problems = new ArrayList<>();
        WorkConfig config = WorkConfig.read(wanted, defaults, problems);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
        work.accept(config);
        inEffect = wanted;
    }

    @Override
    public JsonNode current() {
        return inEffect;
    }
}
