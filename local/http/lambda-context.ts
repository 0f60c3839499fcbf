import type { Context } from 'aws-lambda';

/** What Lambda tells a function about one invocation. The callbacks of old do nothing, as in Node 24. */
export function createLambdaContext(options: {
  readonly functionName: string;
  readonly requestId: string;
  readonly timeoutMs: number;
}): Context {
  const deadlineMs = performance.now() + options.timeoutMs;
  const callbackless = () => undefined;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: options.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${options.functionName}`,
    memoryLimitInMB: '512',
    awsRequestId: options.requestId,
    logGroupName: `/aws/lambda/${options.functionName}`,
    logStreamName: 'local',
    getRemainingTimeInMillis: () => Math.max(0, Math.round(deadlineMs - performance.now())),
    done: callbackless,
    fail: callbackless,
    succeed: callbackless,
  };
}
