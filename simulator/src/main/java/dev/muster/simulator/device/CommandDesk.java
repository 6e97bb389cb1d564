package dev.muster.simulator.device;

import dev.muster.protocol.Uplink.CommandResult;
import dev.muster.protocol.Uplink.CommandResult.Status;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The commands of one asset: each id is carried out at most once, and what has ended is answered again when it comes again. */
final class CommandDesk {
    /** Ids beyond these are forgotten, the oldest that has ended first. */
    static final int MAX_REMEMBERED = 64;

    static final int MAX_ACTIVE = 16;
    private static final Set<Status> OPEN = EnumSet.of(Status.ACCEPTED, Status.RUNNING);

    private final Draw draw;
    private final Behaviour behaviour;
    private final String type;
    private final Map<String, Status> remembered = new LinkedHashMap<>();
    private final List<Execution> active = new ArrayList<>();

    CommandDesk(Draw draw, Behaviour behaviour, String type) {
        this.draw = draw;
        this.behaviour = behaviour;
        this.type = type;
    }

    private enum Stage {
        RECEIVED,
        ACCEPTED,
        RUNNING,
        RESTARTING
    }

    private static final class Execution {
        private final Command command;
        private final long received;
        private Stage stage = Stage.RECEIVED;
        private long at;
        /** When it began to run; 0 before. */
        private long ran;

        Execution(Command command, long received, long at) {
            this.command = command;
            this.received = received;
            this.at = at;
        }
    }

    /** One that had begun when the simulator ended was interrupted, as by a restart of the asset. */
    void restore(DeviceState kept) {
        kept.commands().forEach((id, status) -> {
            remembered.put(id, OPEN.contains(status) ? Status.INDETERMINATE : status);
        });
    }

    void take(Command command, long now, Machine machine) {
        Status known = remembered.get(command.id());
        if (known != null) {
            if (!OPEN.contains(known)) {
                machine.publish(new CommandResult(command.id(), known, Map.of("repeated", true)));
            }
            return;
        }
        if (active.size() >= MAX_ACTIVE) {
            machine.publish(new CommandResult(
                    command.id(), Status.REJECTED, reason("busy with " + MAX_ACTIVE + " other commands")));
            return;
        }
        remember(command.id(), Status.ACCEPTED);
        active.add(
                new Execution(command, now, now + draw.within(behaviour.pace().think(), "think", command.id())));
    }

    private void remember(String id, Status status) {
        remembered.put(id, status);
        if (remembered.size() > MAX_REMEMBERED) {
            remembered.entrySet().stream()
                    .filter(entry -> !OPEN.contains(entry.getValue()))
                    .findFirst()
                    .map(Map.Entry::getKey)
                    .ifPresent(remembered::remove);
        }
    }

    void advance(long now, Machine machine) {
        for (Execution execution : List.copyOf(active)) {
            while (execution.at <= now && active.contains(execution)) {
                step(execution, now, machine);
            }
        }
    }

    private void step(Execution execution, long now, Machine machine) {
        Command command = execution.command;
        switch (execution.stage) {
            case RECEIVED -> answer(execution, now, machine);
            case ACCEPTED -> {
                execution.stage = Stage.RUNNING;
                execution.ran = now;
                remember(command.id(), Status.RUNNING);
                machine.publish(new CommandResult(command.id(), Status.RUNNING, null));
                Span millis = CommandBook.find(type, command.name())
                        .map(CommandBook.Entry::millis)
                        .orElse(behaviour.pace().run());
                execution.at = now + draw.within(millis, "run", command.id()) + askedDelay(command);
            }
            case RUNNING -> finish(execution, now, machine);
            case RESTARTING -> execution.at = Long.MAX_VALUE;
        }
    }

    private void answer(Execution execution, long now, Machine machine) {
        Command command = execution.command;
        Optional<CommandBook.Entry> entry = CommandBook.find(type, command.name());
        if (now > command.deadline()) {
            end(execution, now, Status.EXPIRED, reason("the deadline had passed when it came"), machine);
        } else if (entry.isEmpty()) {
            end(execution, now, Status.REJECTED, reason("a " + type + " knows no command " + command.name()), machine);
        } else if (!command.params().keySet().containsAll(entry.get().needs())) {
            end(
                    execution,
                    now,
                    Status.REJECTED,
                    reason("needs the parameters "
                            + String.join(", ", entry.get().needs())),
                    machine);
        } else if (command.name().equals(CommandBook.RUN) && !isListed(command)) {
            end(
                    execution,
                    now,
                    Status.REJECTED,
                    reason("its owner lists " + CommandBook.FREE_SPACE + " only"),
                    machine);
        } else {
            execution.stage = Stage.ACCEPTED;
            execution.at = now + behaviour.pace().think().lowest();
            machine.publish(new CommandResult(command.id(), Status.ACCEPTED, null));
        }
    }

    private static boolean isListed(Command command) {
        return CommandBook.FREE_SPACE.equals(command.params().get("name"));
    }

    private static boolean restartsTimeService(Command command) {
        return command.name().equals(CommandBook.RESTART_SERVICE)
                && CommandBook.TIME_SERVICE.equals(command.params().get("service"));
    }

    private static long askedDelay(Command command) {
        return command.params().get("delaySeconds") instanceof Long seconds ? Math.clamp(seconds, 0, 3_600) * 1_000 : 0;
    }

    private void finish(Execution execution, long now, Machine machine) {
        Command command = execution.command;
        if (draw.falls(behaviour.failCommands(), "fail", command.id())) {
            end(execution, now, Status.FAILED, reason(command.name() + " ended with exit code 1"), machine);
        } else if (CommandBook.find(type, command.name())
                .map(CommandBook.Entry::restarts)
                .orElse(false)) {
            execution.stage = Stage.RESTARTING;
            execution.at = Long.MAX_VALUE;
            machine.reboot(now);
        } else if (command.name().equals(CommandBook.WIPE)) {
            end(execution, now, Status.SUCCEEDED, Map.of("left", "the identity, until this is acknowledged"), machine);
            active.clear();
            machine.wipe(now);
        } else {
            if (command.name().equals(CommandBook.RUN)) {
                machine.freeSpace();
            } else if (restartsTimeService(command)) {
                machine.setClock();
            }
            end(execution, now, Status.SUCCEEDED, CommandBook.detail(command, draw), machine);
        }
    }

    /** The machine is up again: restarts have succeeded, what ran was interrupted. */
    void booted(String bootId, long now, Machine machine) {
        for (Execution execution : List.copyOf(active)) {
            if (execution.stage == Stage.RESTARTING) {
                end(execution, now, Status.SUCCEEDED, Map.of("bootId", bootId), machine);
            } else if (execution.stage == Stage.RUNNING) {
                end(execution, now, Status.INDETERMINATE, reason("interrupted by a restart"), machine);
            }
        }
    }

    private void end(Execution execution, long now, Status status, @Nullable Object detail, Machine machine) {
        active.remove(execution);
        remember(execution.command.id(), status);
        machine.publish(new CommandResult(
                execution.command.id(),
                status,
                detail,
                CommandSpans.of(execution.command, execution.received, execution.ran, now, status, detail)));
    }

    private static Map<String, Object> reason(String text) {
        return Map.of("reason", text);
    }

    long nextWake() {
        long next = Long.MAX_VALUE;
        for (Execution execution : active) {
            next = Math.min(next, execution.at);
        }
        return next;
    }

    boolean isBusy() {
        return !active.isEmpty();
    }

    Map<String, Status> remembered() {
        return Map.copyOf(remembered);
    }
}
