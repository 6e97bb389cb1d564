/**
 * A small HTTP server for assets, over TLS that requests a client certificate.
 *
 * <p>The way of a request: connection within its bound → {@link dev.muster.gateway.https.RouteTable route} → {@link
 * dev.muster.gateway.https.Authentication caller} → {@link dev.muster.gateway.limit.RateLimit rate} (of the asset when it
 * showed a good certificate, else of the address) → handler of the route.
 *
 * <p>A way in is added by a class in a package of its own that gives its {@link dev.muster.gateway.https.Route}s, and by a
 * line in {@code DeviceRoutes}, which lists all. A handler runs on the event loop and must not block there:
 *
 * <pre>{@code
 * Route.at("heartbeat", POST, "/v1/heartbeat", Accepts.CLIENT_CERTIFICATE, exchange ->
 *         exchange.body(MAX_BYTES, body ->                 // refuses larger ones, reads no faster than there is memory
 *                 exchange.work(pool, () -> stored(body))));  // on a virtual thread; gives the Answer
 * }</pre>
 *
 * <ul>
 *   <li>{@link dev.muster.gateway.https.Exchange#caller} says who asks. What a route accepts stands in its table; 401 names
 *       it. A new kind of credential is a constant of {@link dev.muster.gateway.https.Accepts}, a case of {@link
 *       dev.muster.gateway.https.Caller} and a case in {@code Authentication}, which must answer from memory: what needs a
 *       database is looked up by the handler, on its pool.
 *   <li>An {@link dev.muster.gateway.https.Answer} can be made anywhere and is sent once, on the event loop. A handler that
 *       hears from another thread uses {@link dev.muster.gateway.https.Exchange#answerLater}.
 *   <li>Backpressure: bodies share one bounded memory ({@code BodyMemory}); a request that finds none left is not read
 *       until there is. A handler that streams pauses {@link dev.muster.gateway.https.Exchange#request} itself.
 *   <li>Each kind of work has its own {@link dev.muster.gateway.https.WorkPool}, so that none starves another.
 * </ul>
 */
@NullMarked
package dev.muster.gateway.https;

import org.jspecify.annotations.NullMarked;
