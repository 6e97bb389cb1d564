package dev.muster.agent.slot;

import dev.muster.agent.allowed.Allowed;
import dev.muster.agent.config.ConfigPart;
import dev.muster.agent.config.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The part {@code apps} of the configuration: how applications in slots are run, where the owner leaves that to the server. What
 * the owner says himself is not changed by it.
 */
public final class AppsPart implements ConfigPart {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    private final Allowed allowed;
    private final Slots slots;
    private volatile JsonNode current = JsonNodeFactory.instance.objectNode();

    public AppsPart(Allowed allowed, Slots slots) {
        this.allowed = allowed;
        this.slots = slots;
    }

    @Override
    public String name() {
        return "apps";
    }

    @Override
    public List<String> problems(JsonNode wanted) {
        List<String> problems = new ArrayList<>();
        read(wanted, problems).keySet().forEach(name -> {
            if (!NAME.matcher(name).matches()) {
                problems.add("apps has a name that is not of the form " + NAME);
            }
            if (allowed.apps().containsKey(name)) {
                problems.add("apps." + name + " is set by the owner of this asset and cannot be set by the server");
            }
        });
        if (!wanted.isEmpty() && !allowed.appsFromServer()) {
            problems.add("apps cannot be set by the server on this asset;"
                    + " its owner can allow it by appsFromServer in the asset's allow file");
        }
        return problems;
    }

    private Map<String, AppDefinition> read(JsonNode wanted, List<String> problems) {
        ObjectNode whole = JsonNodeFactory.instance.objectNode();
        whole.set(name(), wanted);
        return new Fields("", whole, problems).objects(name(), (name, app) -> AppDefinition.read(app, true));
    }

    @Override
    public void apply(JsonNode wanted) {
        List<String> problems = new ArrayList<>();
        Map<String, AppDefinition> apps = new TreeMap<>(read(wanted, problems));
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
        apps.putAll(allowed.apps());
        slots.define(apps);
        current = wanted;
    }

    @Override
    public JsonNode current() {
        return current;
    }
}
