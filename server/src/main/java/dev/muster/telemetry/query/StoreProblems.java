package dev.muster.telemetry.query;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Problem;
import dev.muster.platform.error.Refusal;
import dev.muster.telemetry.store.QueryTooLargeException;
import dev.muster.telemetry.store.StoreUnavailableException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** What the telemetry store cannot do, as answers: too much was asked, or it is away. */
@RestControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
class StoreProblems {

    @ExceptionHandler
    ResponseEntity<Problem> tooLarge(QueryTooLargeException failure) {
        return answer(ErrorCode.TOO_LARGE, failure);
    }

    @ExceptionHandler
    ResponseEntity<Problem> unavailable(StoreUnavailableException failure) {
        return answer(ErrorCode.UNAVAILABLE, failure);
    }

    private static ResponseEntity<Problem> answer(ErrorCode code, RuntimeException failure) {
        Problem problem = Problem.of(new Refusal(code, String.valueOf(failure.getMessage())));
        return ResponseEntity.status(problem.status())
                .header(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
                .body(problem);
    }
}
