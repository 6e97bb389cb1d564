package dev.muster.registry.apply;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.registry.group.Group;
import dev.muster.registry.group.GroupService;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Groups. */
@Component
final class AppliedGroup implements AppliedKind {
    private final GroupService groups;

    AppliedGroup(GroupService groups) {
        this.groups = groups;
    }

    @Override
    public String wire() {
        return "Group";
    }

    @Override
    public Kind permission() {
        return Kind.GROUP;
    }

    @Override
    public int order() {
        return 200;
    }

    @Override
    public Optional<Live> live(Actor actor, String name) {
        return groups.find(name).map(group -> Live.ofSpec(spec(group), group.managers(), group.resourceVersion()));
    }

    @Override
    public boolean save(
            Actor actor, String name, JsonNode document, @Nullable Live live, Map<String, String> managers) {
        groups.save(actor, name, document.path("spec"), live == null ? null : live.resourceVersion(), managers);
        return true;
    }

    private static ObjectNode spec(Group group) {
        ObjectNode spec = JsonNodeFactory.instance.objectNode().put("selector", group.selector());
        if (!group.description().isEmpty()) {
            spec.put("description", group.description());
        }
        return spec;
    }
}
