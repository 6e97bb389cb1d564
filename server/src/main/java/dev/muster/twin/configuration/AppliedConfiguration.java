package dev.muster.twin.configuration;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.registry.apply.AppliedKind;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Configurations, after the groups and assets that they are for. */
@Component
final class AppliedConfiguration implements AppliedKind {
    private final ConfigurationService service;

    AppliedConfiguration(ConfigurationService service) {
        this.service = service;
    }

    @Override
    public String wire() {
        return "Configuration";
    }

    @Override
    public Kind permission() {
        return Kind.CONFIGURATION;
    }

    @Override
    public int order() {
        return 400;
    }

    @Override
    public boolean holdsNull(String pointer) {
        return pointer.startsWith("/spec/config/");
    }

    @Override
    public Optional<Live> live(Actor actor, String name) {
        return service.find(actor, name)
                .map(found -> Live.ofSpec(found.spec(), found.managers(), found.resourceVersion()));
    }

    @Override
    public boolean save(
            Actor actor, String name, JsonNode document, @Nullable Live live, Map<String, String> managers) {
        service.save(actor, name, document.path("spec"), live == null ? null : live.resourceVersion(), managers);
        return true;
    }
}
