package dev.muster.command;

import dev.muster.identity.Actor;
import dev.muster.protocol.AssetId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Commands that another feature gives in the course of its own work, within its transaction, and whose end it looks at. */
@Component
public class Orders {
    private final CommandService service;
    private final CommandStore store;

    Orders(CommandService service, CommandStore store) {
        this.service = service;
        this.store = store;
    }

    /**
     * How far it is.
     *
     * @param settledAt null until it is settled
     * @param said by the asset in its last word, or why it is settled without one; null for nothing
     */
    public record Outcome(
            Status status,
            @Nullable Instant settledAt,
            @Nullable String said) {}

    /**
     * Gives a command that the actor has confirmed.
     *
     * @return its id
     * @throws dev.muster.platform.error.Refusal as for anybody who asks for it
     */
    public String give(Actor actor, AssetId asset, String name, Duration timeout) {
        return give(actor, asset, name, null, timeout);
    }

    /** The same with parameters. */
    public String give(Actor actor, AssetId asset, String name, @Nullable JsonNode parameters, Duration timeout) {
        return service.give(
                        actor, new CommandService.Wanted(asset.value(), name, parameters, timeout, true, null, null))
                .id();
    }

    /** Empty when it is not known any more. */
    public Optional<Outcome> outcome(String id) {
        return store.find(id)
                .map(command -> new Outcome(command.status(), command.progress().settledAt(), said(command)));
    }

    /** @throws dev.muster.platform.error.Refusal when the asset has taken it */
    public void takeBack(Actor actor, String id) {
        service.cancel(actor, id);
    }

    /** Where the asset has not taken it; else nothing. @return whether it was taken back */
    public boolean takeBackIfOpen(Actor actor, String id) {
        return service.takeBack(actor, id);
    }

    private static @Nullable String said(Command command) {
        if (command.reason() != null) {
            return command.reason();
        }
        return command.detail() == null
                ? null
                : command.detail().path("reason").asString(command.detail().toString());
    }
}
