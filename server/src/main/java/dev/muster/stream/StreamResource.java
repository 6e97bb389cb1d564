package dev.muster.stream;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.config.Setting;
import dev.muster.platform.config.Settings;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventFeed;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.event.LoggedEvent;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/**
 * The event log as it grows, by server-sent events.
 *
 * <p>Each client has a (virtual) thread that reads from the shared feed and writes to its socket. Nothing is queued for a
 * slow client: it falls behind and reads from the database, or is cut when its socket takes nothing at all.
 */
@RestController
@Tag(name = "events")
public class StreamResource implements SmartLifecycle {
    public static final Setting<Integer> MAX_CLIENTS =
            Setting.count("stream-clients", 200, 1, 10_000, "Clients of the event stream at most.");

    public static final Setting<Duration> HEARTBEAT = Setting.duration(
            "stream-heartbeat",
            "15s",
            Duration.ofMillis(100),
            Duration.ofMinutes(5),
            "How often a quiet event stream says that it lives; a client that is gone is noticed by it.");

    public static final List<Setting<?>> SETTINGS = List.of(MAX_CLIENTS, HEARTBEAT);

    private static final Logger log = LoggerFactory.getLogger(StreamResource.class);
    private static final int BATCH = 200;
    /** A token is checked when the stream begins: clients come again, with their Last-Event-ID, to be checked again. */
    private static final Duration LIFE = Duration.ofMinutes(5);

    /** Short, so that a stop is seen soon. */
    private static final Duration WAIT = Duration.ofMillis(250);

    private final EventLog events;
    private final EventFeed feed;
    private final EventView view;
    private final JsonMapper json;
    private final int maxClients;
    private final Duration heartbeat;
    private final Semaphore free;
    private volatile boolean running;

    StreamResource(
            EventLog events, EventFeed feed, EventView view, JsonMapper json, Settings settings, MeterRegistry meters) {
        this.events = events;
        this.feed = feed;
        this.view = view;
        this.json = json;
        this.maxClients = settings.get(MAX_CLIENTS);
        this.heartbeat = settings.get(HEARTBEAT);
        this.free = new Semaphore(maxClients);
        Gauge.builder("muster.stream.clients", free, semaphore -> maxClients - semaphore.availablePermits())
                .description("clients of the event stream")
                .register(meters);
    }

    @GetMapping(path = "/api/v1/stream")
    @Requires(verb = Verb.READ, kind = Kind.EVENT)
    @Operation(
            operationId = "streamEvents",
            summary = "Streams what happens, as server-sent events",
            description =
                    "The id of an event is its position. With Last-Event-ID the stream goes on after that position;"
                            + " without, it begins with the next entry. An event of type \"gap\" says that entries between two"
                            + " positions are not kept any more.")
    @ApiResponse(responseCode = "200", content = @Content(mediaType = MediaType.TEXT_EVENT_STREAM_VALUE))
    public void stream(
            Actor actor,
            @Parameter(description = "position of the last entry already seen")
                    @RequestHeader(name = "Last-Event-ID", required = false)
                    @Nullable String lastEventId,
            HttpServletResponse response)
            throws IOException, InterruptedException {
        long newest = events.lastPosition();
        long position = position(lastEventId, newest);
        if (!free.tryAcquire()) {
            throw new Refusal(
                    ErrorCode.UNAVAILABLE,
                    "the event stream has " + maxClients + " clients, its limit (stream-clients); try again later");
        }
        try {
            response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
            response.setHeader("Cache-Control", "no-store");
            response.setHeader("X-Accel-Buffering", "no");
            serve(actor, position, newest, response);
        } catch (IOException e) {
            log.trace("a client of the event stream went away", e);
        } finally {
            free.release();
        }
    }

    private static long position(@Nullable String lastEventId, long newest) {
        if (lastEventId == null || lastEventId.isEmpty()) {
            return newest;
        }
        try {
            return Math.max(0, Long.parseLong(lastEventId));
        } catch (NumberFormatException e) {
            throw new Refusal(ErrorCode.INVALID, "Last-Event-ID is not a position that this stream gave out");
        }
    }

    private void serve(Actor actor, long asked, long newest, HttpServletResponse response)
            throws IOException, InterruptedException {
        long position = tellGap(asked, newest, response);
        // Whoever is cut before an entry came knows from where to go on.
        send(response, "id: " + position + "\n: connected\n\n");
        long heartbeatDue = System.nanoTime() + heartbeat.toNanos();
        long end = System.nanoTime() + LIFE.toNanos();
        while (running && !feed.closed() && System.nanoTime() - end < 0) {
            List<LoggedEvent> found = feed.await(position, BATCH, WAIT);
            if (!found.isEmpty()) {
                position = found.getLast().position();
                StringBuilder text = new StringBuilder();
                view.visible(actor.scope(), found).forEach(event -> text.append(frame(event)));
                send(response, text.toString());
            } else if (System.nanoTime() - heartbeatDue >= 0) {
                send(response, ": heartbeat\n\n");
                heartbeatDue = System.nanoTime() + heartbeat.toNanos();
            }
        }
    }

    /** Entries that retention has taken, and positions of another life of the database, are said and not passed over. */
    private long tellGap(long asked, long newest, HttpServletResponse response) throws IOException {
        long oldest = events.firstPosition();
        long position = asked > newest ? newest : oldest > 0 && asked < oldest - 1 ? oldest - 1 : asked;
        if (position != asked) {
            send(
                    response,
                    "event: gap\ndata: " + json.writeValueAsString(Map.of("asked", asked, "continuesAfter", position))
                            + "\n\n");
        }
        return position;
    }

    private String frame(LoggedEvent event) {
        return "id: " + event.position() + "\nevent: " + event.type() + "\ndata: " + json.writeValueAsString(event)
                + "\n\n";
    }

    private static void send(HttpServletResponse response, String text) throws IOException {
        if (!text.isEmpty()) {
            response.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            response.flushBuffer();
        }
    }

    @Override
    public void start() {
        running = true;
    }

    /** Ends the streams before the web server waits for requests to end. */
    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** The last to start, the first to stop. */
    @Override
    public int getPhase() {
        return DEFAULT_PHASE;
    }
}
