package dev.muster.stream;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.event.LoggedEvent;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The event log in pages, oldest first. */
@RestController
@Tag(name = "events")
class EventResource {
    private final EventLog events;
    private final EventView view;

    EventResource(EventLog events, EventView view) {
        this.events = events;
        this.view = view;
    }

    @GetMapping("/api/v1/events")
    @Requires(verb = Verb.READ, kind = Kind.EVENT)
    @Operation(
            operationId = "listEvents",
            summary = "Lists what happened, oldest first",
            description =
                    "A token with a narrower scope sees entries about assets in scope; its pages may be short while"
                            + " \"continue\" still leads on.")
    Page<LoggedEvent> list(
            Actor actor,
            @Parameter(description = "position of the last entry already seen; 0 begins with the oldest that is kept")
                    @RequestParam(required = false)
                    @Nullable Long after,
            PageRequest request) {
        List<LoggedEvent> found = events.after(position(after, request), request.fetch());
        Page<LoggedEvent> page = Page.of(found, request, event -> Long.toString(event.position()));
        return new Page<>(view.visible(actor.scope(), page.items()), page.next());
    }

    private static long position(@Nullable Long after, PageRequest request) {
        String key = request.after();
        if (key == null) {
            return after == null ? 0 : after;
        }
        try {
            return Long.parseLong(key);
        } catch (NumberFormatException e) {
            throw new Refusal(ErrorCode.INVALID, "continue is not a token of this list; ask again without it");
        }
    }
}
