package dev.muster.identity.access;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ResponseBody;

/** Faults for the check to find. No {@code @Controller}, so that only the test which plants them serves them. */
@ResponseBody
class PlantedRoutes {
    @GetMapping("/api/v1/planted/unguarded")
    String unguarded() {
        return "anybody may read this";
    }

    @GetMapping("/api/v1/planted/too-open")
    @Requires(verb = Verb.READ, kind = Kind.SELF)
    String tooOpen(Actor actor) {
        return "meant for admins, open to " + actor;
    }

    @GetMapping("/api/v1/planted/without-a-row")
    @Requires(verb = Verb.READ, kind = Kind.SELF)
    String withoutARow() {
        return "no row of the table names this";
    }

    @GetMapping("/api/v1/planted/leak/{id}")
    @Requires(verb = Verb.READ, kind = Kind.ASSET)
    String leak() {
        return "an asset that was not looked up in the actor's scope";
    }
}
