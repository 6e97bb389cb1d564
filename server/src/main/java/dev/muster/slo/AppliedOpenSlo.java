package dev.muster.slo;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.registry.apply.AppliedKind;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.JsonNode;

/** Kinds of OpenSLO v1 through apply: services, then indicators, then objectives. */
@Configuration(proxyBeanMethods = false)
class AppliedOpenSlo {
    static final String API_VERSION = "openslo/v1";

    @Bean
    AppliedKind appliedService(SloService service) {
        return new OpenSloKind("Service", 400, service);
    }

    @Bean
    AppliedKind appliedSli(SloService service) {
        return new OpenSloKind("SLI", 410, service);
    }

    @Bean
    AppliedKind appliedSlo(SloService service) {
        return new OpenSloKind("SLO", 420, service);
    }

    private record OpenSloKind(String wire, int order, SloService service) implements AppliedKind {
        @Override
        public String apiVersion() {
            return API_VERSION;
        }

        @Override
        public Kind permission() {
            return Kind.SLO;
        }

        @Override
        public Set<String> metadata() {
            return Set.of("labels", "annotations", "displayName");
        }

        @Override
        public Optional<Live> live(Actor actor, String name) {
            return service.find(wire, name)
                    .map(stored -> new Live(stored.document(), stored.managers(), stored.resourceVersion()));
        }

        @Override
        public boolean save(
                Actor actor, String name, JsonNode document, @Nullable Live live, Map<String, String> managers) {
            service.save(actor, wire, name, document, live == null ? null : live.resourceVersion(), managers);
            return true;
        }
    }
}
