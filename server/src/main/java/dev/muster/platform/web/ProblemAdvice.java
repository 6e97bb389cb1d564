package dev.muster.platform.web;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.FieldProblem;
import dev.muster.platform.error.Problem;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.id.Ids;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.core.AuthenticationException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;
import org.springframework.web.method.annotation.HandlerMethodValidationException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import tools.jackson.core.JacksonException;

/** Turns what a route throws into problem+json. Refusals are told as they are; the unexpected is logged and numbered. */
@RestControllerAdvice
@Order(0)
public final class ProblemAdvice {
    private static final Logger log = LoggerFactory.getLogger(ProblemAdvice.class);

    private final Ids ids;

    public ProblemAdvice(Ids ids) {
        this.ids = ids;
    }

    @ExceptionHandler
    public ResponseEntity<Problem> refusal(Refusal refusal) {
        return answer(Problem.of(refusal));
    }

    @ExceptionHandler
    public ResponseEntity<Problem> unreadableBody(HttpMessageNotReadableException failure) {
        if (failure.getMostSpecificCause() instanceof Refusal refusal) {
            return refusal(refusal);
        }
        return answer(Problem.of(ErrorCode.INVALID, "the body cannot be read: " + bodyProblem(failure)));
    }

    private static String bodyProblem(HttpMessageNotReadableException failure) {
        Throwable cause = failure.getCause();
        while (cause != null) {
            if (cause instanceof IllegalArgumentException argument && argument.getMessage() != null) {
                return argument.getMessage();
            }
            if (cause instanceof JacksonException json && !(cause.getCause() instanceof IllegalArgumentException)) {
                var where = json.getLocation();
                String path = json instanceof tools.jackson.databind.DatabindException databind
                        ? databind.getPath().stream()
                                .map(step -> step.getPropertyName() == null
                                        ? "[" + step.getIndex() + "]"
                                        : step.getPropertyName())
                                .collect(Collectors.joining("."))
                        : "";
                return json.getOriginalMessage()
                        + (path.isEmpty() ? "" : " (at " + path + ")")
                        + (where == null
                                ? ""
                                : " (line " + where.getLineNr() + ", column " + where.getColumnNr() + ")");
            }
            cause = cause.getCause();
        }
        return "it is missing, or not JSON";
    }

    @ExceptionHandler
    public ResponseEntity<Problem> wrongType(MethodArgumentTypeMismatchException failure) {
        if (failure.getMostSpecificCause() instanceof Refusal refusal) {
            return refusal(refusal);
        }
        Class<?> required = failure.getRequiredType();
        String allowed = required != null && required.isEnum()
                ? "; allowed is one of "
                        + List.of(required.getEnumConstants()).stream()
                                .map(String::valueOf)
                                .collect(Collectors.joining(", "))
                : required == null ? "" : "; it must be of type " + required.getSimpleName();
        return answer(Problem.of(
                ErrorCode.INVALID, "parameter " + failure.getName() + " cannot be read" + because(failure) + allowed));
    }

    private static String because(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof IllegalArgumentException
                        && !(cause instanceof NumberFormatException)
                        && cause.getMessage() != null
                ? ": " + cause.getMessage()
                : "";
    }

    @ExceptionHandler
    public ResponseEntity<Problem> notValid(MethodArgumentNotValidException failure) {
        List<FieldProblem> errors = failure.getFieldErrors().stream()
                .map(error -> new FieldProblem(error.getField(), String.valueOf(error.getDefaultMessage())))
                .toList();
        return answer(Problem.of(ErrorCode.INVALID, summary(errors), errors));
    }

    @ExceptionHandler
    public ResponseEntity<Problem> notValid(HandlerMethodValidationException failure) {
        List<FieldProblem> errors = failure.getParameterValidationResults().stream()
                .flatMap(result -> result.getResolvableErrors().stream()
                        .map(error -> new FieldProblem(
                                String.valueOf(result.getMethodParameter().getParameterName()),
                                String.valueOf(error.getDefaultMessage()))))
                .toList();
        return answer(Problem.of(ErrorCode.INVALID, summary(errors), errors));
    }

    private static String summary(List<FieldProblem> errors) {
        return errors.stream()
                .map(error -> error.field() + " " + error.message())
                .collect(Collectors.joining("; "));
    }

    @ExceptionHandler
    public ResponseEntity<Problem> wrongMethod(HttpRequestMethodNotSupportedException failure) {
        String[] supported = failure.getSupportedMethods();
        return answer(Problem.of(
                ErrorCode.METHOD_NOT_ALLOWED,
                "this path does not take " + failure.getMethod()
                        + (supported == null ? "" : "; allowed is " + String.join(", ", supported))));
    }

    @ExceptionHandler
    public ResponseEntity<Problem> wrongMediaType(HttpMediaTypeNotSupportedException failure) {
        return answer(Problem.of(
                ErrorCode.UNSUPPORTED_MEDIA_TYPE,
                "this path does not take a body of type " + failure.getContentType() + "; allowed is "
                        + MediaType.toString(failure.getSupportedMediaTypes())));
    }

    /** No PostgreSQL at this moment, or it gave up for a passing reason. */
    @ExceptionHandler({
        CannotCreateTransactionException.class,
        CannotGetJdbcConnectionException.class,
        DataAccessResourceFailureException.class,
        TransientDataAccessException.class
    })
    public ResponseEntity<Problem> databaseAway(Exception failure) {
        log.debug("answered 503", failure);
        return answer(Problem.of(
                ErrorCode.UNAVAILABLE, "the database cannot be reached at this moment; /readyz says why; try again"));
    }

    /** Security decides about these, further out. */
    @ExceptionHandler({AccessDeniedException.class, AuthenticationException.class})
    public void security(RuntimeException failure) {
        throw failure;
    }

    /** The client went away: nobody is left to answer. */
    @ExceptionHandler
    public void clientGone(AsyncRequestNotUsableException failure) {
        log.trace("client went away", failure);
    }

    /** Handed on to the container, which closes the connection; an answer that ends in order would look whole. */
    @ExceptionHandler
    public void brokenOff(BrokenOffException failure) throws BrokenOffException {
        log.warn("an answer broke off in its middle", failure.getCause());
        throw failure;
    }

    @ExceptionHandler
    public @Nullable ResponseEntity<Problem> anything(Exception failure) {
        if (failure instanceof ErrorResponse response) {
            return standard(response);
        }
        if (failure instanceof IOException) {
            log.debug("the exchange with a client broke off", failure);
            return null;
        }
        String number = ids.next();
        log.error("request failed, told the caller as {}", number, failure);
        return answer(Problem.of(
                ErrorCode.INTERNAL,
                "something went wrong that should not; the log of the server says what, under " + number));
    }

    private static ResponseEntity<Problem> standard(ErrorResponse response) {
        int status = response.getStatusCode().value();
        String detail = response.getBody().getDetail();
        ErrorCode code = codeFor(status);
        return answer(Problem.of(
                code,
                status == 404
                        ? "there is nothing at this path; /api/openapi.json lists what is"
                        : String.valueOf(detail)));
    }

    /** The nearest code: of what Spring itself answers and of what the servlet container answers. */
    static ErrorCode codeFor(int status) {
        for (ErrorCode code : ErrorCode.values()) {
            if (code.status() == status) {
                return code;
            }
        }
        return status >= 500 ? ErrorCode.INTERNAL : ErrorCode.INVALID;
    }

    private static ResponseEntity<Problem> answer(Problem problem) {
        return ResponseEntity.status(problem.status())
                .header(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
                .body(problem);
    }
}
